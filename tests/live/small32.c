/* small32.c - a 32-bit program without a library: makes the folder "made32" where it stands.
 * Built with -m32 -nostdlib for a row of planted.inc. */
static int call(int number, const void *a, int b)
{
        int r;

        __asm__ volatile("int $0x80" : "=a"(r) : "a"(number), "b"(a), "c"(b) : "memory");
        return r;
}

void _start(void);
void _start(void)
{
        call(39, "made32", 0755); /* mkdir */
        call(1, 0, 0);            /* exit */
}
