/* The program: all of it is in libgnswatch, which plugins link as well. */
int gnswatch_main(int argc, char **argv);

int main(int argc, char **argv)
{
    return gnswatch_main(argc, argv);
}
