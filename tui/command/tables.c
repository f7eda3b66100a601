/* tables.c - what can be typed: the options and the commands. */
#include "core/base/base.h"
#include "tui/command/arguments.h"
#include "tui/command/command.h"

#include <string.h>

/* clang-format off */
static const struct option_row options[] = {
        { OPT_HELP,        "help",              'h', NULL,      "print this" },
        { OPT_VERSION,     "version",           'V', NULL,      "print gird's version" },
        { OPT_JSON,        "json",              0,   NULL,      "print JSON (doc/json.md describes it)" },
        { OPT_ROOT,        "root",              0,   "DIR",     "work on the system below DIR" },
        { OPT_USER,        "user",              0,   NULL,      "your own user manager's units" },
        { OPT_HOST,        "host",              'H', "HOST",    "read the units of HOST, over ssh" },
        { OPT_MACHINE,     "machine",           'M', "NAME",    "read the units of container NAME" },
        { OPT_OFFLINE,     "offline",           0,   NULL,      "read unit files although a manager runs" },
        { OPT_SYSTEMD,     "systemd",           0,   "VERSION", "judge as systemd VERSION would (247 to 262, 252.19)" },
        { OPT_NO_COLOR,    "no-color",          0,   NULL,      "no colours (NO_COLOR does the same)" },
        { OPT_ASCII,       "ascii",             0,   NULL,      "no characters beyond ASCII on the screen" },
        { OPT_QUIET,       "quiet",             'q', NULL,      "results only, no progress" },
        { OPT_PROPERTY,    "property",          'p', "K=V",     "set a directive; repeat for more" },
        { OPT_PROFILE,     "profile",           0,   "FILE",    "take the changes from a profile (JSON) or a drop-in" },
        { OPT_PROBE,       "probe",             0,   "PROBE",   "it must pass inside the stage: tcp:80, http://localhost/, a command (gird explain probes)" },
        { OPT_STAGE,       "stage",             0,   "STAGE",   "where: twin (the default); to observe, live too" },
        { OPT_SETTLE,      "settle",            0,   "TIME",    "quiet time before a start counts (3s; 500ms, 1min)" },
        { OPT_CONDITIONS,  "ignore-conditions", 0,   NULL,      "start it although its Condition… says no" },
        { OPT_ACCEPT_BENT, "accept-bent",       0,   NULL,      "take \"bent\" for a yes" },
        { OPT_UNTESTED,    "untested",          0,   NULL,      "save what no trial has held" },
        { OPT_DRY_RUN,     "dry-run",           'n', NULL,      "print the file, write nothing" },
        { OPT_FORCE,       "force",             0,   NULL,      "do it although it was advised against" },
        { OPT_LIST,        "list",              0,   NULL,      "list what can be undone" },
        { OPT_LIVE,        "live",              0,   NULL,      "watch it as it runs, without a restart (--stage=live)" },
        { OPT_FOR,         "for",               0,   "TIME",    "watch for so long (30s, 10min, 24h, 7d); of a form: what it is for (systemd=247)" },
        { OPT_DUTY,        "duty",              0,   "ON/EVERY", "live: watch 10s in every 60s, say: 10s/60s" },
        { OPT_SHOW,        "show",              0,   NULL,      "print what was observed so far, and observe nothing" },
        { OPT_FOREGROUND,  "foreground",        0,   NULL,      "live: no service of its own, however long --for is" },
        { OPT_OBSERVED,    "observed",          0,   NULL,      "take all that is safe by what was observed" },
        { OPT_ACCEPT,      "accept",            0,   "WHAT=WHY", "a refusal that is no matter, as the trial names it; repeat for more" },
        { OPT_KEEP,        "keep",              0,   "DIRECTIVE", "leave it as the unit has it; repeat for more" },
        { OPT_AIM,         "aim",               0,   "N",       "stop tightening at this exposure (2.5)" },
        { OPT_PRESET,      "preset",            0,   "NAME",    "start from baseline or strict instead of from what is seen" },
        { OPT_TRIALS,      "trials",            0,   "N",       "at most so many trials (100)" },
        { OPT_WITHIN,      "within",            0,   "TIME",    "at most so long (30min)" },
        { OPT_PARALLEL,    "parallel",          0,   "N",       "so many twins at a time (as many as there are processors)" },
        { OPT_SAVE,        "save",              0,   NULL,      "write the persistent drop-in when it held" },
        { OPT_OUTPUT,      "output",            'o', "FILE",    "write the profile there, too" },
        { OPT_CONFIRM_WITHIN, "confirm-within", 0,   "TIME",    "take it back unless confirmed in time (60s)" },
        { OPT_NEXT_START,  "next-restart",      0,   NULL,      "restart nothing: it takes effect when the unit is restarted" },
        { OPT_NOW,         "now",               0,   NULL,      "restart it now, although it has connections or sessions" },
        { OPT_MARKS,       "leave-marks",       0,   NULL,      "the second yes to directives that change files for good" },
        { OPT_ALL,         "all",               0,   NULL,      "every unit that has a saved profile" },
        { OPT_SEARCH,      "search",            0,   "WORDS",   "the pages that hold these words" },
        { OPT_VIEW,        "view",              0,   NULL,      "what it can see and do, found out from inside, before and after" },
        { OPT_FORMAT,      "format",            'f', "FORMAT",  "the form to write or to read; --format=list names them" },
        { OPT_POLICY,      "policy",            0,   "FILE",    "the rules to check by (gird explain policy)" },
        { OPT_THRESHOLD,   "threshold",         0,   "N",       "the highest exposure that passes (5.0)" },
        { OPT_BASELINE,    "baseline",          0,   "FILE",    "what may not get looser than recorded there" },
        { OPT_RECORD,      "record",            0,   NULL,      "write --baseline anew from what is now" },
        { OPT_NEEDS,       "needs",             0,   "LIST",    "what it needs: net:listen:8080,write:/var/lib/app (gird explain new)" },
        { OPT_EXEC,        "exec",              0,   "COMMAND", "what the service runs" },
        { OPT_CHECK,       "check",             0,   NULL,      "check whether the task is done" },
        { OPT_HINT,        "hint",              0,   NULL,      "the next hint" },
        { OPT_BEFORE,      "before",            0,   NULL,      "as the unit stands, without any change" },
};

const uint64_t options_everywhere =
        OPTION_BIT(OPT_HELP) | OPTION_BIT(OPT_VERSION) | OPTION_BIT(OPT_JSON) | OPTION_BIT(OPT_ROOT) | OPTION_BIT(OPT_USER) | OPTION_BIT(OPT_HOST) |
        OPTION_BIT(OPT_MACHINE) | OPTION_BIT(OPT_OFFLINE) | OPTION_BIT(OPT_SYSTEMD) | OPTION_BIT(OPT_NO_COLOR) | OPTION_BIT(OPT_ASCII) |
        OPTION_BIT(OPT_QUIET);

static const struct command commands[] = {
        { "list", "[UNIT...]", "list units with their exposure",
          "Without UNIT, every installed service: loaded or only a file.  \"-\" stands where systemd\n"
          "scores none either (masked, broken).",
          0, SIZE_MAX, 0, command_list },
        { "show", "UNIT...", "every assessment of a unit: value, exposure, where it is set",
          "With -p or --profile: as it would be with these changes, and the difference.  --view: what it can\n"
          "see and do, with the last profile where none is given, looked at from inside in a twin.",
          1, SIZE_MAX, OPTION_BIT(OPT_PROPERTY) | OPTION_BIT(OPT_PROFILE) | OPTION_BIT(OPT_OBSERVED) | OPTION_BIT(OPT_VIEW), command_show },
        { "explain", "[NAME...]", "the help page of a directive, a topic, a lesson, a capability …",
          "Without NAME, the list of pages; NAME may be a folder of it: directives, capabilities, lessons ...\n"
          "--search WORDS, and NAMEs as further words: the pages that hold all of them, best first; exit status 1\n"
          "when there are none.", 0, SIZE_MAX, OPTION_BIT(OPT_SEARCH), command_explain },
        { "try", "UNIT...", "start a unit with changes in a throwaway twin, and say what happened",
          "Takes the unit's last profile when neither -p, --profile nor --observed is given.  Exit status:\n"
          "0 held, 1 broke or bent, 3 not tried or the unit does not start even without changes.",
          1, SIZE_MAX, OPTION_BIT(OPT_PROPERTY) | OPTION_BIT(OPT_PROFILE) | OPTION_BIT(OPT_PROBE) | OPTION_BIT(OPT_STAGE) | OPTION_BIT(OPT_SETTLE) |
          OPTION_BIT(OPT_CONDITIONS) | OPTION_BIT(OPT_ACCEPT_BENT) | OPTION_BIT(OPT_ACCEPT) | OPTION_BIT(OPT_OBSERVED), command_try },
        { "observe", "UNIT...", "watch what a unit really does, and say what it can do without",
          "Starts it in a throwaway twin, runs the probes, reloads and stops it; with --live it watches the\n"
          "unit that runs, and touches nothing.  What was seen adds up from time to time.  Ctrl-C ends it\n"
          "and keeps what was seen.  With --live and --for of ten minutes or more it goes on as a service of\n"
          "its own when the terminal is gone.  Then `gird try UNIT --observed`.",
          1, SIZE_MAX, OPTION_BIT(OPT_STAGE) | OPTION_BIT(OPT_LIVE) | OPTION_BIT(OPT_FOR) | OPTION_BIT(OPT_DUTY) | OPTION_BIT(OPT_PROBE) | OPTION_BIT(OPT_SETTLE) |
          OPTION_BIT(OPT_CONDITIONS) | OPTION_BIT(OPT_SHOW) | OPTION_BIT(OPT_FOREGROUND), command_observe },
        { "harden", "UNIT...", "find the tightest profile that holds, unattended",
          "Observes the unit in a twin, takes what is safe, tries it, and gives back what breaks or is\n"
          "refused, in as many twins at a time as there are processors.  It never loosens what the unit has.\n"
          "-p and --profile are taken first and kept.  Exit status: 0 held, 1 nothing held or the aim was not\n"
          "reached, 3 it could not be tried.",
          1, SIZE_MAX, OPTION_BIT(OPT_PROPERTY) | OPTION_BIT(OPT_PROFILE) | OPTION_BIT(OPT_PROBE) | OPTION_BIT(OPT_SETTLE) |
          OPTION_BIT(OPT_CONDITIONS) | OPTION_BIT(OPT_ACCEPT_BENT) | OPTION_BIT(OPT_ACCEPT) | OPTION_BIT(OPT_KEEP) | OPTION_BIT(OPT_AIM) |
          OPTION_BIT(OPT_PRESET) | OPTION_BIT(OPT_TRIALS) | OPTION_BIT(OPT_WITHIN) | OPTION_BIT(OPT_PARALLEL) | OPTION_BIT(OPT_SAVE) |
          OPTION_BIT(OPT_OUTPUT), command_harden },
        { "apply", "UNIT", "put a profile on the running unit, guarded: it is taken back unless confirmed",
          "Takes the unit's last profile that held, or the changes given.  systemd itself takes everything\n"
          "back when `gird confirm UNIT` does not come in time, whatever becomes of gird or this session.\n"
          "It restarts the unit, which is an outage; --next-restart leaves that to you.",
          1, 1, OPTION_BIT(OPT_PROPERTY) | OPTION_BIT(OPT_PROFILE) | OPTION_BIT(OPT_PROBE) | OPTION_BIT(OPT_OBSERVED) |
          OPTION_BIT(OPT_UNTESTED) | OPTION_BIT(OPT_ACCEPT_BENT) | OPTION_BIT(OPT_CONFIRM_WITHIN) | OPTION_BIT(OPT_NEXT_START) |
          OPTION_BIT(OPT_NOW) | OPTION_BIT(OPT_MARKS) | OPTION_BIT(OPT_FORCE) | OPTION_BIT(OPT_SETTLE), command_apply },
        { "confirm", "UNIT", "keep what was applied, until the next boot",
          "Then `gird save UNIT` makes it last.  Where the unit hosts sessions it wants a session that began\n"
          "after the change.",
          1, 1, OPTION_BIT(OPT_FORCE), command_confirm },
        { "revert", "UNIT", "take back what was applied, now",
          "Removes the runtime drop-in and restarts the unit, as the guard would.", 1, 1, 0, command_revert },
        { "status", "[UNIT...]", "what is applied and not yet confirmed or saved, and what is being observed",
          "Exit status: 0, also when there is nothing.", 0, SIZE_MAX, 0, command_status },
        { "watch", "UNIT", "tell what a running unit is refused, as it comes",
          "Watches the unit without touching it, until Ctrl-C or for the time of --for, and names the\n"
          "directive behind each refusal.  What no directive explains is told as such; --quiet leaves it out.\n"
          "Exit status: 0 nothing was refused, 1 something was.",
          1, 1, OPTION_BIT(OPT_FOR), command_watch },
        { "retry", "[UNIT...]", "try kept profiles again, after an upgrade",
          "Tells which profiles were tried with other versions of the program, systemd, libc or kernel, and\n"
          "tries those in twins.  With UNIT: these, whatever their versions; --all: every kept profile.",
          0, SIZE_MAX, OPTION_BIT(OPT_ALL) | OPTION_BIT(OPT_LIST) | OPTION_BIT(OPT_SETTLE) | OPTION_BIT(OPT_ACCEPT_BENT), command_retry },
        { "save", "UNIT...", "write the persistent drop-in",
          "Saves the unit's last profile that held, or the changes given.  What was not tried, or did\n"
          "not hold, needs --untested.",
          1, SIZE_MAX, OPTION_BIT(OPT_PROPERTY) | OPTION_BIT(OPT_PROFILE) | OPTION_BIT(OPT_UNTESTED) | OPTION_BIT(OPT_DRY_RUN) | OPTION_BIT(OPT_ACCEPT_BENT) |
          OPTION_BIT(OPT_OBSERVED), command_save },
        { "undo", "UNIT...", "go back to before the last save",
          "Brings back the exact bytes; --list shows the history.",
          1, SIZE_MAX, OPTION_BIT(OPT_FORCE) | OPTION_BIT(OPT_LIST), command_undo },
        { "enter", "UNIT [-- COMMAND...]", "a shell, or a command, inside the unit's sandbox in a twin",
          "Same user, mounts, /proc, devices, network, capabilities and system calls as the service has.\n"
          "With -p, --profile or a last profile: as it would be with these; --before: as it stands.\n"
          "Exit status: the command's.",
          1, SIZE_MAX, OPTION_BIT(OPT_PROPERTY) | OPTION_BIT(OPT_PROFILE) | OPTION_BIT(OPT_OBSERVED) | OPTION_BIT(OPT_BEFORE), command_enter },
        { "breach", "UNIT...", "the intruder's view: what someone inside the service could do, tried in a twin",
          "Tries harmless forms of what an intruder would try, as the service's user in its sandbox, as it\n"
          "stands and with the changes.  Exit status: 0 the sandbox can't be left, 1 it can.",
          1, SIZE_MAX, OPTION_BIT(OPT_PROPERTY) | OPTION_BIT(OPT_PROFILE) | OPTION_BIT(OPT_OBSERVED) | OPTION_BIT(OPT_BEFORE), command_breach },
        { "lesson", "[NAME]", "lessons: short texts with a small service to practise on",
          "Without NAME, the list with what is done.  -p K=V tries an answer in a twin; --check says\n"
          "whether the task is done, and why not.",
          0, 1, OPTION_BIT(OPT_PROPERTY) | OPTION_BIT(OPT_PROFILE) | OPTION_BIT(OPT_CHECK) | OPTION_BIT(OPT_HINT), command_lesson },
        { "export", "UNIT...", "the unit's profile in another form",
          "Takes the unit's last profile when neither -p nor --profile is given; --format=list names the\n"
          "forms.  What a form can't express is said in it and on stderr.",
          0, SIZE_MAX, OPTION_BIT(OPT_PROPERTY) | OPTION_BIT(OPT_PROFILE) | OPTION_BIT(OPT_OBSERVED) | OPTION_BIT(OPT_FORMAT) | OPTION_BIT(OPT_FOR) |
          OPTION_BIT(OPT_OUTPUT) | OPTION_BIT(OPT_FORCE), command_export },
        { "import", "UNIT FILE", "make a profile of a drop-in, of JSON, or of another program's output",
          "The profile becomes the unit's last one, so `gird try UNIT` rehearses it; --output writes it to a\n"
          "file as well, --dry-run only shows it.",
          0, 2, OPTION_BIT(OPT_FORMAT) | OPTION_BIT(OPT_OUTPUT) | OPTION_BIT(OPT_DRY_RUN), command_import },
        { "check", "[UNIT...]", "for CI and fleets: do the units keep to the policy?",
          "UNIT: a unit, a pattern, a unit file or a folder of them; none: every service.  Exit status: 0 they\n"
          "do, 1 they do not, with reasons.",
          0, SIZE_MAX, OPTION_BIT(OPT_POLICY) | OPTION_BIT(OPT_THRESHOLD) | OPTION_BIT(OPT_BASELINE) | OPTION_BIT(OPT_RECORD) | OPTION_BIT(OPT_FORMAT) |
          OPTION_BIT(OPT_OUTPUT), command_check },
        { "new", "NAME", "a new service, least privilege by default",
          "Writes NAME.service, tries it in a twin, and says what is left to do.",
          1, 1, OPTION_BIT(OPT_EXEC) | OPTION_BIT(OPT_NEEDS) | OPTION_BIT(OPT_PROPERTY) | OPTION_BIT(OPT_PROBE) | OPTION_BIT(OPT_SAVE) | OPTION_BIT(OPT_OUTPUT) |
          OPTION_BIT(OPT_DRY_RUN) | OPTION_BIT(OPT_FORCE) | OPTION_BIT(OPT_UNTESTED), command_new },
};
/* clang-format on */

const struct option_row *option_at(size_t i)
{
        return i < COUNT(options) ? &options[i] : NULL;
}

const struct command *command_at(size_t i)
{
        return i < COUNT(commands) ? &commands[i] : NULL;
}

const struct command *command_find(const char *name)
{
        for (size_t i = 0; i < COUNT(commands); i++)
                if (strcmp(commands[i].name, name) == 0)
                        return &commands[i];
        return NULL;
}
