/* replay.c - runs a fuzz target over saved inputs, where there is no libFuzzer. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
        for (int i = 1; i < argc; i++) {
                FILE *f = fopen(argv[i], "rb");
                uint8_t *bytes = malloc(1 << 22);
                size_t n;

                if (!f || !bytes) {
                        perror(argv[i]);
                        return 1;
                }
                n = fread(bytes, 1, 1 << 22, f);
                fclose(f);
                LLVMFuzzerTestOneInput(bytes, n);
                free(bytes);
        }
        return argc > 1 ? 0 : 1;
}
