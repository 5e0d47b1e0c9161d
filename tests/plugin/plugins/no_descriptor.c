/* no_descriptor - a shared object like any other. */
int no_descriptor(void);

int no_descriptor(void)
{
    return 1;
}
