/* files_keys.c - the names of systemd's other keys, so that only what it really does not know is
 * called unknown.  Facts: `systemd --dump-configuration-items` of 252, and the manuals up to 262.
 */
#include "core/unit/files_private.h"

#include <string.h>

/* clang-format off */
static const char *const unit_keys[] = {
        "After", "AllowIsolate", "AssertACPower", "AssertArchitecture", "AssertCPUFeature",
        "AssertCPUPressure", "AssertCPUs", "AssertCapability", "AssertControlGroupController",
        "AssertCredential", "AssertDirectoryNotEmpty", "AssertEnvironment",
        "AssertFileIsExecutable", "AssertFileNotEmpty", "AssertFirmware", "AssertFirstBoot",
        "AssertGroup", "AssertHost", "AssertIOPressure", "AssertKernelCommandLine",
        "AssertKernelModuleLoaded", "AssertKernelVersion", "AssertMemory",
        "AssertMemoryPressure", "AssertNeedsUpdate", "AssertOSRelease", "AssertPathExists",
        "AssertPathExistsGlob", "AssertPathIsDirectory", "AssertPathIsEncrypted",
        "AssertPathIsMountPoint", "AssertPathIsReadWrite", "AssertPathIsSocket",
        "AssertPathIsSymbolicLink", "AssertSecurity", "AssertUser", "AssertVersion",
        "AssertVirtualization", "Before", "BindTo", "BindsTo", "CollectMode", "ConditionACPower",
        "ConditionArchitecture", "ConditionCPUFeature", "ConditionCPUPressure", "ConditionCPUs",
        "ConditionCapability", "ConditionControlGroupController", "ConditionCredential",
        "ConditionDirectoryNotEmpty", "ConditionEnvironment", "ConditionFileIsExecutable",
        "ConditionFileNotEmpty", "ConditionFirmware", "ConditionFirstBoot", "ConditionGroup",
        "ConditionHost", "ConditionIOPressure", "ConditionKernelCommandLine",
        "ConditionKernelModuleLoaded", "ConditionKernelVersion", "ConditionMemory",
        "ConditionMemoryPressure", "ConditionNeedsUpdate", "ConditionOSRelease",
        "ConditionPathExists", "ConditionPathExistsGlob", "ConditionPathIsDirectory",
        "ConditionPathIsEncrypted", "ConditionPathIsMountPoint", "ConditionPathIsReadWrite",
        "ConditionPathIsSocket", "ConditionPathIsSymbolicLink", "ConditionSecurity",
        "ConditionUser", "ConditionVersion", "ConditionVirtualization", "Conflicts",
        "Description", "Documentation", "FailureAction", "FailureActionExitStatus",
        "IgnoreOnIsolate", "IgnoreOnSnapshot", "JobRunningTimeoutSec", "JobTimeoutAction",
        "JobTimeoutRebootArgument", "JobTimeoutSec", "OnFailure", "OnFailureIsolate",
        "OnFailureJobMode", "OnSuccess", "OnSuccessJobMode", "PartOf", "PropagateReloadFrom",
        "PropagateReloadTo", "PropagatesReloadTo", "PropagatesStopTo", "RebootArgument",
        "RefuseManualStart", "RefuseManualStop", "ReloadPropagatedFrom", "Requires",
        "RequiresMountsFor", "RequiresOverridable", "Requisite", "RequisiteOverridable",
        "SourcePath", "StartLimitAction", "StartLimitBurst", "StartLimitInterval",
        "StartLimitIntervalSec", "StopPropagatedFrom", "StopWhenUnneeded", "SuccessAction",
        "SuccessActionExitStatus", "SurviveFinalKillSignal", "Upholds", "Wants",
        "WantsMountsFor", NULL,
};

static const char *const exec_keys[] = {
        "CPUAffinity", "CPUSchedulingPriority", "CPUSchedulingResetOnFork",
        "CacheDirectoryAccounting", "CacheDirectoryMode", "CacheDirectoryQuota", "Capabilities",
        "ConfigurationDirectoryMode", "Environment", "EnvironmentFile", "ExtensionDirectories",
        "ExtensionImagePolicy", "IOSchedulingClass", "IOSchedulingPriority", "LimitCPU",
        "LimitDATA", "LimitLOCKS", "LimitMSGQUEUE", "LimitNICE", "LimitRSS", "LimitRTTIME",
        "LimitSIGPENDING", "LimitSTACK", "LogExtraFields", "LogFilterPatterns",
        "LogRateLimitBurst", "LogRateLimitIntervalSec", "LogsDirectoryAccounting",
        "LogsDirectoryMode", "LogsDirectoryQuota", "MemoryTHP", "MountImagePolicy", "NUMAMask",
        "NUMAPolicy", "RootHash", "RootHashSignature", "RootImageOptions", "RootVerity",
        "RuntimeDirectoryMode", "RuntimeDirectoryPreserve", "StandardError", "StandardInputData",
        "StandardInputText", "StandardOutput", "StateDirectoryAccounting", "StateDirectoryMode",
        "SyslogFacility", "SyslogIdentifier", "SyslogLevel", "SyslogLevelPrefix", "TTYColumns",
        "TTYPath", "TTYReset", "TTYRows", "TTYVHangup", "TTYVTDisallocate", "TimeoutCleanSec",
        "TimeoutSec", "UtmpIdentifier", "UtmpMode", "WorkingDirectory", NULL,
};

static const char *const cgroup_keys[] = {
        "AllowedMemoryNodes", "BlockIOAccounting", "BlockIODeviceWeight", "BlockIOReadBandwidth",
        "BlockIOWeight", "BlockIOWriteBandwidth", "CPUAccounting", "CPUPressureThresholdSec",
        "CPUPressureWatch", "CPUQuotaPeriodSec", "CPUShares", "CoredumpReceive",
        "DefaultMemoryLow", "DefaultMemoryMin", "DefaultStartupMemoryLow", "IOAccounting",
        "IODeviceLatencyTargetSec", "IODeviceWeight", "IOPressureThresholdSec",
        "IOPressureWatch", "IOReadBandwidthMax", "IOReadIOPSMax", "IOWriteBandwidthMax",
        "IOWriteIOPSMax", "ManagedOOMMemoryPressure", "ManagedOOMMemoryPressureDurationSec",
        "ManagedOOMMemoryPressureLimit", "ManagedOOMSwap", "MemoryAccounting", "MemoryLimit",
        "MemoryLow", "MemoryMin", "MemoryPressureThresholdSec", "MemoryPressureWatch",
        "MemoryZSwapMax", "MemoryZSwapWriteback", "NetClass", "StartupAllowedCPUs",
        "StartupAllowedMemoryNodes", "StartupBlockIOWeight", "StartupCPUShares",
        "StartupCPUWeight", "StartupIOWeight", "StartupMemoryHigh", "StartupMemoryLow",
        "StartupMemoryMax", "StartupMemorySwapMax", "StartupMemoryZSwapMax", "TasksAccounting",
        NULL,
};

static const char *const kill_keys[] = {
        "FinalKillSignal", "KillMode", "KillSignal", "RestartKillSignal", "SendSIGHUP",
        "SendSIGKILL", "WatchdogSignal", NULL,
};

static const char *const service_keys[] = {
        "BusName", "BusPolicy", "ExitType", "FailureAction", "FileDescriptorStorePreserve",
        "GuessMainPID", "NonBlocking", "PIDFile", "PermissionsStartOnly", "RebootArgument",
        "RefreshOnReload", "ReloadSignal", "RemainAfterExit", "Restart",
        "RestartForceExitStatus", "RestartMaxDelaySec", "RestartPreventExitStatus", "RestartSec",
        "RestartSteps", "RootDirectoryStartOnly", "RuntimeMaxSec", "RuntimeRandomizedExtraSec",
        "Sockets", "StartLimitAction", "StartLimitBurst", "StartLimitInterval",
        "SuccessExitStatus", "SysVStartPriority", "TimeoutAbortSec", "TimeoutStartFailureMode",
        "TimeoutStartSec", "TimeoutStopFailureMode", "TimeoutStopSec", "USBFunctionDescriptors",
        "USBFunctionStrings", NULL,
};

static const char *const socket_keys[] = {
        "Accept", "Backlog", "BindIPv6Only", "BindToDevice", "Broadcast", "DeferAcceptSec",
        "DeferTrigger", "DeferTriggerMaxSec", "DirectoryMode", "ExecStartPost", "ExecStartPre",
        "ExecStopPost", "ExecStopPre", "FileDescriptorName", "FlushPending", "FreeBind", "IPTOS",
        "IPTTL", "KeepAlive", "KeepAliveIntervalSec", "KeepAliveProbes", "KeepAliveTimeSec",
        "ListenDatagram", "ListenFIFO", "ListenMessageQueue", "ListenNetlink",
        "ListenSequentialPacket", "ListenSpecial", "ListenStream", "ListenUSBFunction", "Mark",
        "MaxConnections", "MaxConnectionsPerSource", "MessageQueueMaxMessages",
        "MessageQueueMessageSize", "NoDelay", "PassCredentials", "PassFileDescriptorsToExec",
        "PassPIDFD", "PassPacketInfo", "PassSecurity", "PipeSize", "PollLimitBurst",
        "PollLimitIntervalSec", "Priority", "ReceiveBuffer", "RemoveOnStop", "ReusePort",
        "SELinuxContextFromNet", "SendBuffer", "Service", "SmackLabel", "SmackLabelIPIn",
        "SmackLabelIPOut", "SocketGroup", "SocketMode", "SocketProtocol", "SocketUser",
        "Symlinks", "TCPCongestion", "Timestamping", "Transparent", "TriggerLimitBurst",
        "TriggerLimitIntervalSec", "Writable", NULL,
};

static const char *const mount_keys[] = {
        "DirectoryMode", "ForceUnmount", "LazyUnmount", "Options", "ReadWriteOnly",
        "SloppyOptions", "Type", "What", "Where", NULL,
};

static const char *const automount_keys[] = {
        "DirectoryMode", "ExtraOptions", "TimeoutIdleSec", "Where", NULL,
};

static const char *const swap_keys[] = {
        "Options", "Priority", "What", NULL,
};

static const char *const timer_keys[] = {
        "AccuracySec", "DeferReactivation", "FixedRandomDelay", "OnActiveSec", "OnBootSec",
        "OnCalendar", "OnClockChange", "OnStartupSec", "OnTimezoneChange", "OnUnitActiveSec",
        "OnUnitInactiveSec", "Persistent", "RandomizedDelaySec", "RandomizedOffsetSec",
        "RemainAfterElapse", "Unit", "WakeSystem", NULL,
};

static const char *const path_keys[] = {
        "DirectoryMode", "DirectoryNotEmpty", "MakeDirectory", "PathChanged", "PathExists",
        "PathExistsGlob", "PathModified", "TriggerLimitBurst", "TriggerLimitIntervalSec", "Unit",
        NULL,
};

static const char *const slice_keys[] = {
        "ConcurrencyHardMax", "ConcurrencySoftMax", NULL,
};

static const char *const scope_keys[] = {
        "Group", "OOMPolicy", "RuntimeMaxSec", "RuntimeRandomizedExtraSec", "TimeoutStopSec",
        "User", NULL,
};

static const char *const install_keys[] = {
        "Alias", "Also", "DefaultInstance", "RequiredBy", "UpheldBy", "WantedBy", NULL,
};

/* What may stand in a section: its own keys and those it shares. */
static const struct {
        const char *section;
        const char *const *lists[5];
} sections[] = {
        { "Unit", { unit_keys, NULL } },
        { "Service", { service_keys, exec_keys, cgroup_keys, kill_keys, NULL } },
        { "Socket", { socket_keys, exec_keys, cgroup_keys, kill_keys, NULL } },
        { "Mount", { mount_keys, exec_keys, cgroup_keys, kill_keys, NULL } },
        { "Swap", { swap_keys, exec_keys, cgroup_keys, kill_keys, NULL } },
        { "Slice", { slice_keys, cgroup_keys, NULL } },
        { "Scope", { scope_keys, cgroup_keys, kill_keys, NULL } },
        { "Automount", { automount_keys, NULL } },
        { "Timer", { timer_keys, NULL } },
        { "Path", { path_keys, NULL } },
        { "Install", { install_keys, NULL } },
};
/* clang-format on */

static bool lists_have(const char *const *const *lists, const char *key)
{
        for (; *lists; lists++)
                for (const char *const *word = *lists; *word; word++)
                        if (strcmp(*word, key) == 0)
                                return true;
        return false;
}

bool keys_know(const char *section, const char *key)
{
        for (size_t i = 0; i < COUNT(sections); i++)
                if (strcmp(sections[i].section, section) == 0)
                        return lists_have(sections[i].lists, key);
        return false;
}

const char *keys_home(const char *key)
{
        for (size_t i = 0; i < COUNT(sections); i++)
                if (lists_have(sections[i].lists, key))
                        return sections[i].section;
        return NULL;
}
