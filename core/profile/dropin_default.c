/* dropin_default.c - how to say "back to the default" although other files set something.
 *
 * Which empty assignments systemd ignores was measured with systemd-analyze verify. */
#include "core/profile/profile_private.h"

#include "core/base/text.h"

#include <string.h>

/* clang-format off */
/* The rules below miss these.  NULL: no line of a drop-in brings the default back. */
static const struct {
        enum directive_id id;
        const char *text;
} exceptions[] = {
        { D_CapabilityBoundingSet,  "~"                  }, /* empty means none */
        { D_AmbientCapabilities,    ""                   },
        { D_Delegate,               "no"                 }, /* empty means yes */
        { D_SetLoginEnvironment,    ""                   }, /* booleans that know a third state */
        { D_MountAPIVFS,            ""                   },
        { D_BindLogSockets,         ""                   },
        { D_MemoryKSM,              ""                   },
        { D_MountFlags,             ""                   },
        { D_CPUSchedulingPolicy,    ""                   },
        { D_IPAccounting,           "no"                 },
        { D_NotifyAccess,           "none"               }, /* systemd raises it by Type= itself */
        { D_Type,                   NULL                 }, /* goes by BusName= and ExecStart= */
        { D_Slice,                  NULL                 }, /* goes by scope and template */
        { D_JoinsNamespaceOf,       NULL                 }, /* dependencies only add up */
        { D_UMask,                  "0022"               }, /* kinds that ignore an empty one */
        { D_LimitCORE,              "0:infinity"         },
        { D_LimitNOFILE,            "1024:524288"        },
        { D_LimitNPROC,             NULL                 }, /* the kernel's, by memory size */
        { D_LimitMEMLOCK,           "8388608"            },
        { D_LimitFSIZE,             "infinity"           },
        { D_LimitAS,                "infinity"           },
        { D_LimitRTPRIO,            "0"                  },
        { D_WatchdogSec,            "0"                  },
        { D_FileDescriptorStoreMax, "0"                  },
        { D_LogLevelMax,            "debug"              },
        { D_StandardInput,          "null"               },
        { D_TimerSlackNSec,         "50us"               },
};

/* A user manager's own defaults. */
static const struct {
        enum directive_id id;
        const char *text;
} of_users[] = {
        { D_KeyringMode,            "inherit"            },
};

static const struct {
        const char *suffix, *section;
} sections[] = {
        { ".service", "Service" }, { ".socket", "Socket" }, { ".mount", "Mount" },
        { ".swap",    "Swap"    }, { ".slice",  "Slice"  }, { ".scope", "Scope" },
};
/* clang-format on */

const char *dropin_default(const struct directive *d, enum scope scope)
{
        for (size_t i = 0; scope == SCOPE_USER && i < COUNT(of_users); i++)
                if (of_users[i].id == d->id)
                        return of_users[i].text;
        for (size_t i = 0; i < COUNT(exceptions); i++)
                if (exceptions[i].id == d->id)
                        return exceptions[i].text;
        if (d->kind == KIND_BOOL || d->kind == KIND_CHOICE)
                return d->unset;
        return d->reset == RESET_UNSETS ? "" : NULL;
}

const char *dropin_section(const struct directive *d, const char *unit)
{
        if (d->flags & IN_UNIT_SECTION)
                return "Unit";
        for (size_t i = 0; i < COUNT(sections); i++)
                if (text_ends(unit, sections[i].suffix))
                        return sections[i].section;
        return directive_section(d);
}
