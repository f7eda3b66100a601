/* main.c - the intruder; see README beside it. */
int main(void)
{
        return 0;
}
