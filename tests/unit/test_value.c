/* test_value.c - what systemd's loader makes of assignments.  Expectations: facts/score/formula.md
 * section 4, versions.tsv, the oracle, and `systemd --test` of 252.39. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/catalogue/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void speak(unsigned major, unsigned minor, struct dialect *ret)
{
        dialect_for((struct version){ major, minor }, SCOPE_SYSTEM, ret);
}

/* Assigns lines (parted by '|') one after the other; the last answer is returned. */
static int assign(struct value *v, const char *directive, const struct dialect *dialect,
                  const char *lines, struct err *note)
{
        const struct directive *d = directive_find(directive);
        scoped(mem_freep) char *copy = strdup(lines);
        char *rest = copy;
        int r = -1;

        assert_non_null(d);
        for (char *line; (line = strsep(&rest, "|"));) {
                r = value_assign(v, d, dialect, line, note);
                assert_true(r >= 0);
        }
        return r;
}

/* The lines that value_print() gives, parted by '|'; "unset" where there is nothing. */
static char *printed(const struct value *v, const char *directive, const struct dialect *dialect)
{
        scoped(strv_freep) char **lines = NULL;

        if (!v->set)
                return strdup("unset");
        assert_int_equal(value_print(v, directive_find(directive), dialect, &lines), 0);
        return strv_join(lines, "|");
}

struct rule {
        unsigned version; /* 0: 252 */
        const char *directive, *lines, *result;
};

static void check_rules(const struct rule *rules, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                const struct rule *rule = &rules[i];
                scoped(value_done) struct value v = { 0 }, again = { 0 };
                scoped(mem_freep) char *text = NULL;
                struct err note = { 0 };
                struct dialect dialect;
                int r;

                speak(rule->version ? rule->version : 252, 39, &dialect);
                r = assign(&v, rule->directive, &dialect, rule->lines, &note);
                if (r == ASSIGN_REFUSED)
                        text = strdup("refused");
                else
                        text = printed(&v, rule->directive, &dialect);
                assert_non_null(text);
                if (strcmp(text, rule->result) != 0)
                        fail_msg("%s=%s on %u: \"%s\", not \"%s\"", rule->directive, rule->lines,
                                 dialect.version.major, text, rule->result);
                if (r == ASSIGN_REFUSED || !v.set)
                        continue;
                assign(&again, rule->directive, &dialect, text, NULL);
                assert_true(value_equal(&v, &again));
        }
}

/* clang-format off */
static void switches_take_the_words_of_systemd(void **state)
{
        static const struct rule rules[] = {
                { 0,   "PrivateDevices",   "yes",                  "yes"          },
                { 0,   "PrivateDevices",   "ON",                   "yes"          },
                { 0,   "PrivateDevices",   "1",                    "yes"          },
                { 0,   "PrivateDevices",   "  t\r",                "yes"          },
                { 0,   "PrivateDevices",   "F",                    "no"           },
                { 0,   "PrivateDevices",   "yes|",                 "yes"          },
                { 0,   "PrivateDevices",   "yes|maybe",            "yes"          },
                { 0,   "PrivateDevices",   "\"yes\"",              "unset"        },
                { 0,   "PrivateDevices",   "yes # comment",        "unset"        },
                { 0,   "PrivateDevices",   "2",                    "unset"        },
                { 0,   "DynamicUser",      "maybe",                "refused"      },
                { 0,   "DynamicUser",      "yes|",                 "refused"      },
                { 253, "PrivateMounts",    "yes|",                 "yes"          },
                { 254, "PrivateMounts",    "yes|",                 "unset"        },
                { 0,   "ProtectSystem",    "full",                 "full"         },
                { 0,   "ProtectSystem",    "True",                 "yes"          },
                { 0,   "ProtectSystem",    "Full",                 "unset"        },
                { 0,   "ProtectSystem",    "strict|",              "strict"       },
                { 0,   "ProtectHome",      "tmpfs|full",           "tmpfs"        },
                { 0,   "ProtectProc",      "invisible|yes",        "invisible"    },
                { 256, "PrivateTmp",       "disconnected",         "unset"        },
                { 257, "PrivateTmp",       "disconnected",         "disconnected" },
                { 256, "PrivateTmp",       "connected",            "unset"        },
                { 257, "PrivateTmp",       "connected",            "yes"          },
                { 256, "PrivateUsers",     "self",                 "unset"        },
                { 257, "PrivateUsers",     "self",                 "yes"          },
                { 257, "PrivateUsers",     "identity|full",        "identity"     },
                { 258, "PrivateUsers",     "identity|full",        "full"         },
                { 260, "PrivateUsers",     "managed",              "managed"      },
                { 257, "ProtectHostname",  "private",              "unset"        },
                { 258, "ProtectHostname",  "private",              "private"      },
                { 258, "ProtectHostname",  "private:foo.bar",      "private:foo.bar" },
                { 258, "ProtectHostname",  "1:foo",                "yes:foo"      },
                { 258, "ProtectHostname",  "yes:bad_host!",        "unset"        },
                { 258, "ProtectHostname",  "private:",             "unset"        },
                { 258, "ProtectHostname",  "yes:a|",               "unset"        },
                { 257, "ProtectHostname",  "yes|",                 "yes"          },
                { 0,   "CPUSchedulingPolicy", "1",                 "fifo"         },
                { 0,   "MountFlags",       "slave|",               "unset"        },
        };

        (void)state;
        check_rules(rules, COUNT(rules));
}

static void single_words_are_checked_as_systemd_does(void **state)
{
        static const struct rule rules[] = {
                { 0,   "UMask",            "22",                   "0022"         },
                { 0,   "UMask",            "7777",                 "7777"         },
                { 0,   "UMask",            "0077|",                "0077"         },
                { 0,   "UMask",            "010000",               "unset"        },
                { 0,   "UMask",            "9",                    "unset"        },
                { 0,   "UMask",            "-22",                  "unset"        },
                { 0,   "UMask",            "+22",                  "unset"        },
                { 0,   "UMask",            "0o22",                 "unset"        },
                { 0,   "User",             "daemon|",              "unset"        },
                { 0,   "User",             "daemon|root",          "root"         },
                { 0,   "User",             "65534",                "65534"        },
                { 0,   "User",             "65535",                "refused"      },
                { 0,   "User",             "65536",                "65536"        },
                { 0,   "User",             "4294967295",           "refused"      },
                { 0,   "User",             "99999999999999999999", "refused"      },
                { 0,   "User",             "00",                   "refused"      },
                { 0,   "User",             "bad name",             "bad name"     },
                { 0,   "User",             "bad:name",             "refused"      },
                { 0,   "User",             "a/b",                  "refused"      },
                { 0,   "User",             "-x",                   "-x"           },
                { 0,   "User",             "-1",                   "refused"      },
                { 0,   "User",             ".x",                   ".x"           },
                { 0,   "User",             "..",                   "refused"      },
                { 0,   "User",             "\xff",                 "refused"      },
                { 0,   "RootDirectory",    "//srv/./x/",           "/srv/x"       },
                { 0,   "RootDirectory",    "/.",                   "/"            },
                { 0,   "RootDirectory",    "srv",                  "refused"      },
                { 0,   "RootDirectory",    "/a/../b",              "refused"      },
                { 0,   "RootDirectory",    "-/srv",                "refused"      },
                { 0,   "RootImage",        "+/srv",                "refused"      },
                { 0,   "RootDirectory",    "/x|",                  "unset"        },
                { 0,   "NetworkNamespacePath", "x",                "unset"        },
                { 0,   "SystemCallErrorNumber", "EPERM|bogus",     "EPERM"        },
                { 0,   "SystemCallErrorNumber", "kill",            "kill"         },
                { 0,   "Personality",      "x86|bogus",            "x86"          },
                { 0,   "MemoryMax",        "1.5G",                 "1.5G"         },
                { 0,   "MemoryMax",        "4096k",                "unset"        },
                { 0,   "MemoryMax",        "1G|0",                 "1G"           },
                { 0,   "MemoryMax",        "1G|infinity",          "infinity"     },
                { 0,   "MemoryMax",        "1G|",                  "unset"        },
                { 0,   "TasksMax",         "50%",                  "50%"          },
                { 0,   "TasksMax",         "101%",                 "unset"        },
                { 0,   "CPUQuota",         "250%",                 "250%"         },
                { 0,   "CPUQuota",         "20",                   "unset"        },
                { 0,   "CPUWeight",        "idle",                 "idle"         },
                { 251, "CPUWeight",        "idle",                 "unset"        },
                { 0,   "IOWeight",         "0",                    "unset"        },
                { 0,   "LimitNOFILE",      "10:5",                 "unset"        },
                { 0,   "LimitNOFILE",      "1k",                   "unset"        },
                { 0,   "LimitNOFILE",      "5:10|",                "5:10"         },
                { 0,   "LimitAS",          "5G:infinity",          "5G:infinity"  },
                { 0,   "Nice",             "-20|20",               "-20"          },
                { 0,   "OOMScoreAdjust",   "-1000|-1001",          "-1000"        },
                { 0,   "WatchdogSec",      "1min 30",              "1min 30"      },
                { 0,   "ExecSearchPath",   "/a|/b:/c",             "|/a:/b:/c"    },
        };

        (void)state;
        check_rules(rules, COUNT(rules));
}

static void capability_lines_merge(void **state)
{
        static const struct rule rules[] = {
                { 0,   "CapabilityBoundingSet", "",                        ""                          },
                { 0,   "CapabilityBoundingSet", "~",                       "~"                         },
                { 0,   "CapabilityBoundingSet", "CAP_KILL|CAP_CHOWN",      "|CAP_CHOWN CAP_KILL"       },
                { 0,   "CapabilityBoundingSet", "CAP_KILL|~CAP_KILL",      ""                          },
                { 0,   "CapabilityBoundingSet", "~CAP_KILL|~CAP_CHOWN",    "~|~CAP_CHOWN CAP_KILL"     },
                { 0,   "CapabilityBoundingSet", "~CAP_KILL|CAP_KILL",      "~"                         },
                { 0,   "CapabilityBoundingSet", "CAP_KILL|",               ""                          },
                { 0,   "CapabilityBoundingSet", "|CAP_KILL",               "|CAP_KILL"                 },
                { 0,   "CapabilityBoundingSet", "|~CAP_KILL",              ""                          },
                { 0,   "CapabilityBoundingSet", "~|CAP_KILL",              "|CAP_KILL"                 },
                { 262, "CapabilityBoundingSet", "~|CAP_KILL",              "~"                         },
                { 0,   "CapabilityBoundingSet", "~|~CAP_KILL",             "~|~CAP_KILL"               },
                { 262, "CapabilityBoundingSet", "~|~CAP_KILL",             "~|~CAP_KILL"               },
                { 0,   "CapabilityBoundingSet", "cap_kill",                "|CAP_KILL"                 },
                { 0,   "CapabilityBoundingSet", "KILL",                    ""                          },
                { 0,   "CapabilityBoundingSet", "5 0x15",                  "|CAP_KILL CAP_SYS_ADMIN"   },
                { 0,   "CapabilityBoundingSet", "-1",                      ""                          },
                { 0,   "CapabilityBoundingSet", "64",                      ""                          },
                { 0,   "CapabilityBoundingSet", "CAP_KILL|CAP_BOGUS",      ""                          },
                { 0,   "CapabilityBoundingSet", "CAP_KILL|~CAP_BOGUS",     "~"                         },
                { 0,   "CapabilityBoundingSet", "CAP_KILL CAP_BOGUS",      "|CAP_KILL"                 },
                { 0,   "CapabilityBoundingSet", "CAP_KILL ~CAP_CHOWN",     "|CAP_KILL"                 },
                { 0,   "CapabilityBoundingSet", "~ CAP_KILL",              "~|~CAP_KILL"               },
                { 0,   "CapabilityBoundingSet", "\"CAP_KILL\"",            "|CAP_KILL"                 },
                { 253, "CapabilityBoundingSet", "\"CAP_KILL",              ""                          },
                { 254, "CapabilityBoundingSet", "\"CAP_KILL",              "|CAP_KILL"                 },
                { 0,   "AmbientCapabilities",   "CAP_KILL",                "|CAP_KILL"                 },
                { 0,   "AmbientCapabilities",   "CAP_KILL|",               ""                          },
                { 0,   "AmbientCapabilities",   "~CAP_KILL",               "~|~CAP_KILL"               },
                { 0,   "AmbientCapabilities",   "CAP_CHOWN|~CAP_KILL",     "|CAP_CHOWN"                },
                { 0,   "AmbientCapabilities",   "~CAP_BOGUS",              "~"                         },
        };

        (void)state;
        check_rules(rules, COUNT(rules));
}

static void namespace_lines_merge(void **state)
{
        static const struct rule rules[] = {
                { 0,   "RestrictNamespaces", "yes",                   "yes"                },
                { 0,   "RestrictNamespaces", "no",                    "no"                 },
                { 0,   "RestrictNamespaces", "",                      "unset"              },
                { 0,   "RestrictNamespaces", "user mnt",              "|mnt user"          },
                { 0,   "RestrictNamespaces", "user|mnt",              "|mnt user"          },
                { 0,   "RestrictNamespaces", "~user|~mnt",            "|~mnt user"         },
                { 0,   "RestrictNamespaces", "user|~user",            "yes"                },
                { 0,   "RestrictNamespaces", "~user|user",            "no"                 },
                { 0,   "RestrictNamespaces", "yes|user",              "|user"              },
                { 0,   "RestrictNamespaces", "no|~user",              "|~user"             },
                { 0,   "RestrictNamespaces", "user|",                 "unset"              },
                { 0,   "RestrictNamespaces", "~",                     "no"                 },
                { 0,   "RestrictNamespaces", "~|user",                "no"                 },
                { 0,   "RestrictNamespaces", "user bogus",            "unset"              },
                { 0,   "RestrictNamespaces", "~user|bogus",           "|~user"             },
                { 0,   "RestrictNamespaces", "\"user\"",              "unset"              },
                { 0,   "RestrictNamespaces", "USER",                  "unset"              },
                { 251, "RestrictNamespaces", "time",                  "unset"              },
                { 0,   "RestrictNamespaces", "time",                  "|time"              },
                { 258, "DelegateNamespaces", "yes",                   "yes"                },
                { 258, "DelegateNamespaces", "no|mnt",                "|mnt"               },
                { 258, "DelegateNamespaces", "~mnt",                  "|~mnt"              },
        };

        (void)state;
        check_rules(rules, COUNT(rules));
}

static void polar_lists_keep_their_first_sense(void **state)
{
        static const struct rule rules[] = {
                { 0,   "RestrictAddressFamilies", "AF_INET|AF_UNIX",       "|AF_INET AF_UNIX"      },
                { 0,   "RestrictAddressFamilies", "af_local af_route",     "|AF_NETLINK AF_UNIX"   },
                { 0,   "RestrictAddressFamilies", "AF_INET|~AF_INET",      "|none"                 },
                { 0,   "RestrictAddressFamilies", "~AF_INET|AF_INET",      "|~"                    },
                { 0,   "RestrictAddressFamilies", "none",                  "|none"                 },
                { 0,   "RestrictAddressFamilies", "none|AF_UNIX",          "|AF_UNIX"              },
                { 0,   "RestrictAddressFamilies", "AF_UNIX|none",          "|none"                 },
                { 248, "RestrictAddressFamilies", "AF_UNIX|none",          "|AF_UNIX"              },
                { 248, "RestrictAddressFamilies", "none",                  "|none"                 },
                { 0,   "RestrictAddressFamilies", "~none",                 "|~"                    },
                { 0,   "RestrictAddressFamilies", "AF_UNIX|",              "unset"                 },
                { 0,   "RestrictAddressFamilies", "AF_UNIX||~AF_PACKET",   "|~AF_PACKET"           },
                { 0,   "RestrictAddressFamilies", "AF_UNSPEC",             "|none"                 },
                { 0,   "RestrictAddressFamilies", "AF_UNIX AF_BOGUS AF_CAN", "|AF_CAN AF_UNIX"     },
                { 262, "RestrictAddressFamilies", "AF_UNIX AF_BOGUS AF_CAN", "|AF_UNIX"            },
                { 0,   "RestrictAddressFamilies", "\"AF_UNIX\"",           "|AF_UNIX"              },
                { 0,   "RestrictFileSystems",     "@temporary ext4",       "|@temporary ext4"      },
                { 0,   "RestrictFileSystems",     "@temporary|~tmpfs",     "|ramfs"                },
                { 0,   "RestrictFileSystems",     "@temporary|~@temporary","|@temporary|~@temporary" },
                { 0,   "RestrictFileSystems",     "@bogus",                "unset"                 },
                { 0,   "RestrictNetworkInterfaces", "~eth0|eth0|eth1",     "|eth1"                 },
                { 0,   "RestrictNetworkInterfaces", "eth0|~lo",            "|eth0"                 },
                { 0,   "RestrictNetworkInterfaces", "~eth0 a/b",           "|~eth0"                },
        };

        (void)state;
        check_rules(rules, COUNT(rules));
}

static void system_call_lines_merge(void **state)
{
        static const struct rule rules[] = {
                { 0,   "SystemCallFilter", "@system-service",             "|@system-service"         },
                { 0,   "SystemCallFilter", "@system-service|~@swap",      "|@system-service"         },
                { 0,   "SystemCallFilter", "@system-service|@swap",       "|@swap @system-service"   },
                { 0,   "SystemCallFilter", "@system-service|~@privileged @resources",
                                           "|@system-service|~@privileged @resources"               },
                { 0,   "SystemCallFilter", "@system-service|~clone3:ENOSYS",
                                           "|@system-service|~clone3:ENOSYS"                        },
                { 0,   "SystemCallFilter", "@system-service|~clone3:ENOSYS|clone3", "|@system-service" },
                { 0,   "SystemCallFilter", "@system-service|~clone3:ENOSYS|~clone3", "|@system-service|~clone3" },
                { 0,   "SystemCallFilter", "~@swap",                      "|~@swap"                  },
                { 0,   "SystemCallFilter", "~swapon swapoff",             "|~@swap"                  },
                { 0,   "SystemCallFilter", "~@swap|@system-service",      "|~@swap"                  },
                { 0,   "SystemCallFilter", "~@swap @reboot|swapon",       "|~@reboot swapoff"        },
                { 0,   "SystemCallFilter", "~@swap:EPERM",                "|~|~@swap:EPERM"          },
                { 0,   "SystemCallFilter", "~swapon:1 swapoff:kill",      "|~|~swapoff:kill swapon:EPERM" },
                { 0,   "SystemCallFilter", "~read:0",                     "|~|~read:0"               },
                { 0,   "SystemCallFilter", "~read:BOGUS write",           "|~write"                  },
                { 0,   "SystemCallFilter", "~read:5000",                  "|~"                       },
                { 0,   "SystemCallFilter", "~:EPERM",                     "|~"                       },
                { 0,   "SystemCallFilter", "swapon:EPERM",                "|@default"                },
                { 0,   "SystemCallFilter", "bogus",                       "|@default"                },
                { 0,   "SystemCallFilter", "@bogus swapon",               "|swapon"                  },
                { 0,   "SystemCallFilter", "~bogus",                      "|~"                       },
                { 0,   "SystemCallFilter", "~",                           "|~"                       },
                { 0,   "SystemCallFilter", "~|swapon",                    "|~"                       },
                { 0,   "SystemCallFilter", "",                            "unset"                    },
                { 0,   "SystemCallFilter", "~@swap||swapon",              "|swapon"                  },
                { 0,   "SystemCallFilter", "\"swapon\"",                  "|@default"                },
                { 0,   "SystemCallFilter", "swap\\on",                    "|swapon"                  },
                { 0,   "SystemCallFilter", "~ @swap",                     "|~@swap"                  },
                { 0,   "SystemCallFilter", "swapon ~swapoff",             "|swapon"                  },
                { 0,   "SystemCallFilter", "@default|~@default",          "|@default|~@default"      },
                { 0,   "SystemCallFilter", "@known|~@known",              "|@default|~@known"        },
                { 0,   "SystemCallLog",    "@swap|~swapon",               "|swapoff"                 },
                { 0,   "SystemCallLog",    "bogus",                       "|@default|~@default"      },
                { 0,   "SystemCallLog",    "~@swap",                      "|~@swap"                  },
        };

        (void)state;
        check_rules(rules, COUNT(rules));
}

static void lists_add_up(void **state)
{
        static const struct rule rules[] = {
                { 0,   "ReadWritePaths", "-+/a//b/ +-/c \"/d e\" /f\\x20g rel /../x /./h",
                                         "|-+/a/b \"/d e\" /fx20g /h"                            },
                { 0,   "ReadWritePaths", "/a|/b|/a",              "|/a /b"                       },
                { 0,   "ReadWritePaths", "/a|",                   "unset"                        },
                { 0,   "ReadWritePaths", "/a 'unclosed",          "|/a"                          },
                { 0,   "BindPaths",      "/a:/b:norbind -/c /d:/e:rbind /f:/f",
                                         "|/a:/b:norbind -/c /d:/e /f"                           },
                { 0,   "BindPaths",      "/f:rel /g:/h:bogus :/x /i: /j:/k:", "|/x /j:/k"        },
                { 0,   "BindPaths",      "\"/l m:/n\" /o\\:p:/q", "|/l\\ m\\:/n /o\\:p:/q"       },
                { 0,   "TemporaryFileSystem", "/a:ro /b /c:size=1:x rel /d:", "|/a:ro /b /c:size=1:x /d" },
                { 0,   "MountImages",    "-/a.raw:/b:root:ro /c.raw", "|-/a.raw:/b:root:ro"      },
                { 0,   "ExtensionImages", "/a.raw /b//c",         "|/a.raw /b/c"                 },
                { 0,   "StateDirectory", "a b/c ../d /e private/x f:g \"i j\" .", "|a b/c f:g \"i j\"" },
                { 250, "StateDirectory", "a:b",                   "|a:b"                         },
                { 257, "StateDirectory", "a:b:ro c::ro",          "|a:b:ro c::ro"                },
                { 0,   "StateDirectory", "k\\ l|m",               "|m"                           },
                { 0,   "DeviceAllow",    "/dev/null|/dev/a//b/ mr", "|/dev/null rwm|/dev/a/b rm" },
                { 0,   "DeviceAllow",    "/dev/null r|/dev/null w", "|/dev/null rw"              },
                { 257, "DeviceAllow",    "/dev/null r|/dev/null w", "|/dev/null w"               },
                { 0,   "DeviceAllow",    "block-* r|\"char-x\" rw|char-", "|block-* r|char-x rw|char- rwm" },
                { 0,   "DeviceAllow",    "null rw|/etc r|/dev/x rwx|/dev/x r w|/dev/../etc r", "unset" },
                { 0,   "IPAddressDeny",  "any",                   "|0.0.0.0/0 ::/0"              },
                { 0,   "IPAddressDeny",  "LOCALHOST a.localhost", "|127.0.0.0/8 ::1/128"         },
                { 0,   "IPAddressDeny",  "link-local multicast",  "|169.254.0.0/16 fe80::/64 224.0.0.0/4 ff00::/8" },
                { 0,   "IPAddressDeny",  "10.1.2.3/8 1.2.3.4 1.2.3.4/0 5::/0 ::1/127", "|10.0.0.0/8 1.2.3.4/32 0.0.0.0/0 ::/0 ::/127" },
                { 0,   "IPAddressDeny",  "1.2.3 1.2.3.4/33 1.2.3.4/08 ANY 1.2.3.4/0x8", "|1.0.0.0/8" },
                { 249, "IPAddressDeny",  "127.1.0.0/16 ::1|localhost 10.0.0.0/9", "|::1/128 127.0.0.0/8 10.0.0.0/9" },
                { 250, "IPAddressDeny",  "127.1.0.0/16|localhost", "|127.1.0.0/16 127.0.0.0/8 ::1/128" },
                { 0,   "IPAddressDeny",  "any|",                  "unset"                        },
                { 0,   "SocketBindAllow", "tcp|ipv6:tcp:any|ipv4|any|udp:53|1-5", "|tcp|ipv6:tcp|ipv4|any|udp:53|1-5" },
                { 0,   "SocketBindAllow", "tcp:5-1|0|080|any:any|ipv4:tcp:|65536|tcp:ipv4|\"80\"", "unset" },
                { 0,   "SupplementaryGroups", "b a b|c",          "|a b c"                       },
                { 0,   "SupplementaryGroups", "\"audio\"",        "|audio"                       },
                { 0,   "SupplementaryGroups", "a b:c",            "refused"                      },
                { 0,   "SupplementaryGroups", "a \"b",            "refused"                      },
                { 0,   "SecureBits",     "keep-caps|bogus noroot", "|noroot"                     },
                { 0,   "SystemCallArchitectures", "native bogus|x86", "|native x86"              },
                { 0,   "SystemCallArchitectures", "bogus",        "unset"                        },
                { 0,   "SystemCallArchitectures", "~native",      "unset"                        },
                { 0,   "CoredumpFilter", "bogus all|elf-headers 0x33", "|0x33 elf-headers"       },
                { 0,   "AllowedCPUs",    "0-3,5 bogus|9,7",       "|7,9"                         },
                { 0,   "PassEnvironment", "B A=1 2x A",           "|A B"                         },
                { 0,   "UnsetEnvironment", "A B=1 \"C=a b\" 2x",  "|A B=1 \"C=a b\""             },
                { 0,   "UnsetEnvironment", "A=\\n",               "|\"A=\\x0a\""                 },
                { 0,   "LoadCredential", "a:b|a:/x|c|d/e:/x",     "|a:/x|c"                      },
                { 0,   "SetCredential",  "a:x y|a|b:",            "|a:x y|b:"                    },
                { 0,   "IPIngressFilterPath", "/sys//x|rel|/a/../b", "|/sys/x"                   },
                { 0,   "BPFProgram",     "egress:/x|y",           "|egress:/x"                   },
                { 0,   "JoinsNamespaceOf", "a.service|bogus|",    "a.service"                    },
                { 258, "BPFDelegateCommands", "BPFMapCreate,BPFProgLoad|any", "|BPFMapCreate,BPFProgLoad,any" },
                { 0,   "Delegate",       "",                      ""                             },
                { 0,   "Delegate",       "yes|no",                "no"                           },
                { 0,   "Delegate",       "cpu bogus|memory",      "|cpu memory"                  },
                { 0,   "Delegate",       "bogus",                 ""                             },
                { 0,   "Delegate",       "no|cpu",                "|cpu"                         },
                { 0,   "Delegate",       "yes|cpu",               "yes"                          },
        };

        (void)state;
        check_rules(rules, COUNT(rules));
}
/* clang-format on */

static void what_is_left_out_is_said(void **state)
{
        static const struct {
                const char *directive, *line;
                int answer;
                const char *word; /* in the note; NULL: no note */
        } cases[] = {
                { "CapabilityBoundingSet", "CAP_KILL CAP_BOGUS", ASSIGN_TAKEN, "CAP_BOGUS" },
                { "CapabilityBoundingSet", "CAP_KILL", ASSIGN_TAKEN, NULL },
                { "SystemCallFilter", "read nosuchcall", ASSIGN_TAKEN, "nosuchcall" },
                { "SystemCallFilter", "@known", ASSIGN_TAKEN, NULL },
                { "SystemCallFilter", "read:EPERM", ASSIGN_TAKEN, "read:EPERM" },
                { "ProtectSystem", "bogus\x1b[31m", ASSIGN_IGNORED, "bogus?" },
                { "ProtectSystem", "", ASSIGN_IGNORED, "ProtectSystem" },
                { "RestrictNamespaces", "user bogus", ASSIGN_IGNORED, "bogus" },
                { "User", "a:b", ASSIGN_REFUSED, "a:b" },
        };
        struct dialect dialect;

        (void)state;
        speak(252, 39, &dialect);
        for (size_t i = 0; i < COUNT(cases); i++) {
                scoped(value_done) struct value v = { 0 };
                struct err note = { 0 };

                assert_int_equal(assign(&v, cases[i].directive, &dialect, cases[i].line, &note),
                                 cases[i].answer);
                if (cases[i].word)
                        assert_non_null(strstr(note.text, cases[i].word));
                else
                        assert_string_equal(note.text, "");
        }
}

static void values_are_shown_on_one_line(void **state)
{
        static const struct {
                const char *directive, *lines, *shown;
        } cases[] = {
                { "SystemCallFilter", "@system-service|~@resources clone3:ENOSYS",
                  "@system-service ~@resources ~clone3:ENOSYS" },
                { "SystemCallFilter", "~@swap @reboot", "~@reboot ~@swap" },
                { "SystemCallFilter", "~", "nothing denied" },
                { "CapabilityBoundingSet", "", "none" },
                { "CapabilityBoundingSet", "~", "all" },
                { "CapabilityBoundingSet", "~CAP_KILL", "~CAP_KILL" },
                { "RestrictAddressFamilies", "none", "none" },
                { "RestrictAddressFamilies", "~AF_INET", "~AF_INET" },
                { "ReadWritePaths", "/a \"/b c\"", "/a \"/b c\"" },
                { "DeviceAllow", "/dev/null rw|char-rtc r", "/dev/null rw, char-rtc r" },
                { "UMask", "77", "0077" },
                { "PrivateDevices", "1", "yes" },
                { "RestrictNamespaces", "~user", "~user" },
                { "RestrictNamespaces", "1", "yes" },
                { "Delegate", "", "yes, without controllers" },
        };
        scoped(value_done) struct value unset = { 0 };
        scoped(mem_freep) char *none = NULL;
        struct dialect dialect;

        (void)state;
        speak(252, 39, &dialect);
        for (size_t i = 0; i < COUNT(cases); i++) {
                scoped(value_done) struct value v = { 0 };
                scoped(mem_freep) char *shown = NULL;

                assign(&v, cases[i].directive, &dialect, cases[i].lines, NULL);
                shown = value_show(&v, directive_find(cases[i].directive), &dialect);
                assert_string_equal(shown, cases[i].shown);
        }
        none = value_show(&unset, directive_find("UMask"), &dialect);
        assert_string_equal(none, "0022");
}

static void a_call_denied_with_an_errno_is_marked_in_an_allow_list(void **state)
{
        scoped(value_done) struct value v = { 0 };
        struct dialect dialect;

        (void)state;
        speak(252, 39, &dialect);
        assign(&v, "SystemCallFilter", &dialect, "@system-service|~clone3:ENOSYS", NULL);
        assert_true(v.allow);
        assert_true(strv_has(v.words, "clone3:ENOSYS"));
        assert_false(strv_has(v.words, "clone3"));
        assert_true(strv_has(v.words, "read"));
}

static void an_empty_bind_line_resets_its_sibling(void **state)
{
        (void)state;
        assert_ptr_equal(value_reset_also(directive_find("BindPaths")),
                         directive_find("BindReadOnlyPaths"));
        assert_ptr_equal(value_reset_also(directive_find("BindReadOnlyPaths")),
                         directive_find("BindPaths"));
        assert_ptr_equal(value_reset_also(directive_find("SetCredentialEncrypted")),
                         directive_find("SetCredential"));
        assert_null(value_reset_also(directive_find("ReadWritePaths")));
}

static void copies_are_equal_and_own_themselves(void **state)
{
        scoped(value_done) struct value v = { 0 }, copy = { 0 };
        struct dialect dialect;

        (void)state;
        speak(252, 39, &dialect);
        assign(&v, "ReadWritePaths", &dialect, "/a /b", NULL);
        assert_int_equal(value_copy(&v, &copy), 0);
        assert_true(value_equal(&v, &copy));
        assign(&copy, "ReadWritePaths", &dialect, "/c", NULL);
        assert_false(value_equal(&v, &copy));
        assert_int_equal(strv_length(v.words), 2);
}

static void a_list_without_end_is_cut(void **state)
{
        scoped(value_done) struct value v = { 0 };
        struct err note = { 0 };
        struct dialect dialect;
        struct text t = { 0 };
        char *line;

        (void)state;
        speak(252, 39, &dialect);
        for (int i = 0; i < 9000; i++)
                text_addf(&t, "/p%d ", i);
        line = text_take(&t);
        assert_non_null(line);
        assert_int_equal(assign(&v, "ReadOnlyPaths", &dialect, line, &note), ASSIGN_TAKEN);
        assert_true(strv_length(v.words) <= 8192);
        assert_string_not_equal(note.text, "");
        assign(&v, "ReadOnlyPaths", &dialect, line, NULL);
        assert_true(strv_length(v.words) <= 8192);
        free(line);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(switches_take_the_words_of_systemd),
                cmocka_unit_test(single_words_are_checked_as_systemd_does),
                cmocka_unit_test(capability_lines_merge),
                cmocka_unit_test(namespace_lines_merge),
                cmocka_unit_test(polar_lists_keep_their_first_sense),
                cmocka_unit_test(system_call_lines_merge),
                cmocka_unit_test(lists_add_up),
                cmocka_unit_test(what_is_left_out_is_said),
                cmocka_unit_test(values_are_shown_on_one_line),
                cmocka_unit_test(a_call_denied_with_an_errno_is_marked_in_an_allow_list),
                cmocka_unit_test(an_empty_bind_line_resets_its_sibling),
                cmocka_unit_test(copies_are_equal_and_own_themselves),
                cmocka_unit_test(a_list_without_end_is_cut),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
