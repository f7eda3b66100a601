/* value.h - the value of a directive: parsed, merged, compared and printed by systemd's rules.
 *
 * One flat struct serves every kind; which members mean something follows from the kind:
 *   BOOL                   bits (0, 1)
 *   CHOICE                 words[0], spelt as in the catalogue; words[1]: the host name of
 *                          ProtectHostname=private:NAME
 *   USER, PATH, TEXT,
 *   AMOUNT                 words[0]; words NULL means the empty text
 *   UMASK                  bits
 *   CAPS                   bits: capability numbers in the set; none above dialect.last_cap
 *   NAMESPACES             bits: CLONE_NEW* flags a process may still use (DelegateNamespaces=:
 *                          those it is given)
 *   FAMILIES, POLAR        allow + words, sorted; file systems as leaf names, not groups
 *   SYSCALLS               allow + words: leaf names, sorted by strcmp(), "name:ERRNO" where a
 *                          call has an errno of its own ("read:EPERM", "read:kill", "read:0").
 *                          In an allow-list such a word is a call that is *denied*, with that
 *                          errno (SystemCallFilter=@system-service, then ~read:EPERM).
 *   the other lists        words, in the order in which they were given (sorted for NAMES):
 *     PATHS                [-][+]/path, simplified, without quotes
 *     BINDS                as written in a unit file, simplified; ':' '\' and blanks within a
 *                          path have a backslash before them
 *     DEVICES              "/dev/null rw": rights in the order rwm, never missing
 *     ADDRESSES            "10.0.0.0/8": masked, always with a length; names are spelt out
 *     PORTS                "any", "tcp", "ipv4:udp:53", "tcp:1024-65535"
 *     Delegate             "yes" (all), "no" (off), controllers, or no word (on, but none)
 * A value with set == false is systemd's default; its other members are zero.
 *
 * Resets: an empty line of BindPaths= empties BindReadOnlyPaths= as well (and the other way
 * round; so do the Encrypted twins of LoadCredential= and SetCredential=).  value_assign()
 * sees one directive only, so who reads lines asks value_reset_also() and unsets that value,
 * and who writes both puts the reset lines of both before the members of either. */
#pragma once

#include "core/base/base.h"
#include "core/catalogue/dialect.h"
#include "core/catalogue/directive.h"

#include <stdbool.h>
#include <stdint.h>

struct value {
        bool set;
        bool allow;
        uint64_t bits;
        char **words;
};

/* What systemd does with an assignment; the words for it go into the note. */
enum assign {
        ASSIGN_TAKEN,
        ASSIGN_IGNORED, /* systemd warns and goes on; v is unchanged, or as far as it read */
        ASSIGN_REFUSED, /* the unit would not load */
};

/* Merges one assignment (the text behind '=', specifiers resolved) into v as systemd's loader
 * would: an empty one resets, lists add up, "~" inverts, unknown words are skipped.  Returns
 * enum assign, or < 0 (-ENOMEM).  note (may be NULL) says what was skipped and why (also when
 * the rest was taken: a misspelt capability); otherwise left alone. */
int value_assign(struct value *v, const struct directive *d, const struct dialect *dialect,
                 const char *text, struct err *note);

/* The assignments that bring about v, whatever was set before: for lists, the empty reset
 * line first.  System calls are written as groups where whole groups are in; capabilities
 * and families as the shorter of list and ~list.  Each string is the text behind '='. */
int value_print(const struct value *v, const struct directive *d, const struct dialect *dialect,
                char ***ret);

/* The same on one line for a person, no reset: "@system-service ~@swap", "CAP_CHOWN", "none". */
char *value_show(const struct value *v, const struct directive *d, const struct dialect *dialect);

int value_copy(const struct value *v, struct value *ret);
void value_done(struct value *v);
bool value_equal(const struct value *a, const struct value *b);

/* Whether a lets through no more than b does.  SAME says that neither does, although they may
 * be written differently (errnos, spelling); DIFFERENT, that each lets through something the
 * other doesn't, or that more and less mean nothing there (NOT_A_SANDBOX). */
enum value_order { VALUE_SAME, VALUE_STRICTER, VALUE_LOOSER, VALUE_DIFFERENT };
enum value_order value_compare(const struct value *a, const struct value *b,
                               const struct directive *d, const struct dialect *dialect);

/* For stepping: the next stricter (+1) or looser (-1) choice.  Only BOOL and CHOICE; others
 * and the ends answer 1.  unset counts as what holds then (KeyringMode=: private).  Skips what
 * the version lacks.  Where yes opens something (MORE_IS_LOOSER) no is the stricter. */
int value_step(const struct value *v, const struct directive *d, const struct dialect *dialect,
               int direction, struct value *ret);

/* The directive that an empty assignment of d resets as well; NULL for nearly all. */
const struct directive *value_reset_also(const struct directive *d);

/* The boolean words of systemd ("yes", "on", "1", …): 1, 0, or -1 if it is none. */
int word_boolean(const char *word);
