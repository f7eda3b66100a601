/* profile_text.c - text that has to stand on one line of a file, and the time as text. */
#include "core/profile/profile_private.h"
#include "core/unit/name.h"

#include <string.h>

void profile_time(char *out, size_t room)
{
        time_t now = time(NULL);
        struct tm parts;

        if (!gmtime_r(&now, &parts) || strftime(out, room, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
                out[0] = '\0';
}

size_t profile_character(const unsigned char *in)
{
        static const struct {
                unsigned char from, to;          /* first byte */
                unsigned char second, second_to; /* what may follow it */
                size_t length;
        } forms[] = {
                { 0x01, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 },
                { 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
                { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
                { 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
                { 0xf4, 0xf4, 0x80, 0x8f, 4 },
        };

        for (size_t i = 0; i < COUNT(forms); i++) {
                if (in[0] < forms[i].from || in[0] > forms[i].to)
                        continue;
                if (forms[i].length > 1 && (in[1] < forms[i].second || in[1] > forms[i].second_to))
                        return 0;
                for (size_t j = 2; j < forms[i].length; j++)
                        if (in[j] >> 6 != 2)
                                return 0;
                return forms[i].length;
        }
        return 0;
}

/* Control characters, but for the tab, which systemd takes for a blank. */
static bool is_control(const unsigned char *in)
{
        return (in[0] < 0x20 && in[0] != '\t') || in[0] == 0x7f || (in[0] == 0xc2 && in[1] < 0xa0);
}

bool profile_text_continues(const char *text, size_t length)
{
        size_t run = 0;

        while (run < length && text[length - run - 1] == '\\')
                run++;
        return run % 2 == 1;
}

bool profile_text_fits(const char *text)
{
        size_t length = strlen(text);

        if (length == 0)
                return true;
        if (strchr(" \t", text[0]) || strchr(" \t", text[length - 1]) ||
            profile_text_continues(text, length))
                return false;
        while (*text) {
                size_t n = profile_character((const unsigned char *)text);

                if (n == 0 || is_control((const unsigned char *)text))
                        return false;
                text += n;
        }
        return true;
}

bool profile_unit_fits(const char *unit)
{
        return unit[0] != '.' && name_kind(unit) != NAME_INVALID;
}
