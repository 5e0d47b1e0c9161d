/* Runs a fuzz target without libFuzzer: every file of its corpus, then mutations of them, the same
 * ones each time. A smoke test for every build; real fuzzing is done with clang (README.md).
 *
 *   fuzz_NAME [-n MUTATIONS] [-s SEED] [-k FILE] PATH...    PATH: a file, or a directory of files
 *
 * -k writes each input to FILE before it is run, so the one that crashes is left there. */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 4096, INPUT_BYTES_MAX = 65536 };

struct input {
    uint8_t *bytes; /* owned */
    size_t size;
};

struct corpus {
    struct input inputs[FILES_MAX];
    size_t count;
    const char *keep; /* NULL: nothing is kept */
    uint64_t random;
};

/* Marsaglia, Xorshift RNGs (2003): 64 bits, 13-7-17. */
static uint64_t next(struct corpus *corpus)
{
    uint64_t x = corpus->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return corpus->random = x;
}

static size_t below(struct corpus *corpus, size_t limit)
{
    return limit ? (size_t)(next(corpus) % limit) : 0;
}

static int add_file(struct corpus *corpus, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file || corpus->count == FILES_MAX) {
        fprintf(stderr, "%s: %s\n", path, file ? "too many files" : strerror(errno));
        if (file)
            fclose(file);
        return -1;
    }
    uint8_t *bytes = malloc(INPUT_BYTES_MAX);
    size_t size = bytes ? fread(bytes, 1, INPUT_BYTES_MAX, file) : 0;
    fclose(file);
    if (!bytes)
        return -1;
    corpus->inputs[corpus->count++] = (struct input){bytes, size};
    return 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_path(struct corpus *corpus, const char *path)
{
    struct stat about;
    if (stat(path, &about) || !S_ISDIR(about.st_mode))
        return add_file(corpus, path);
    struct dirent **names;
    int count = scandir(path, &names, NULL, by_name), error = count < 0 ? -1 : 0;
    for (int i = 0; i < count; i++) {
        char name[4096];
        snprintf(name, sizeof(name), "%s/%s", path, names[i]->d_name);
        if (names[i]->d_name[0] != '.' && !error)
            error = add_file(corpus, name);
        free(names[i]);
    }
    if (count >= 0)
        free(names);
    return error;
}

static void run(const struct corpus *corpus, const uint8_t *bytes, size_t size)
{
    FILE *keep = corpus->keep ? fopen(corpus->keep, "wb") : NULL;
    if (keep) {
        fwrite(bytes, 1, size, keep);
        fclose(keep);
    }
    /* A copy of its exact size, so that the sanitizer sees a read past the end. */
    uint8_t *copy = malloc(size ? size : 1);
    fuzz_check(copy);
    if (size)
        memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void remove_range(struct corpus *corpus, struct input *input)
{
    size_t at = below(corpus, input->size), count = 1 + below(corpus, 16);
    if (count > input->size - at)
        count = input->size - at;
    memmove(input->bytes + at, input->bytes + at + count, input->size - at - count);
    input->size -= count;
}

/* A piece of this input or of another, to any place. */
static void insert_piece(struct corpus *corpus, struct input *input)
{
    const struct input *from = &corpus->inputs[below(corpus, corpus->count)];
    size_t start = below(corpus, from->size), count = 1 + below(corpus, 64);
    if (count > from->size - start)
        count = from->size - start;
    if (count > INPUT_BYTES_MAX - input->size)
        return;
    size_t at = below(corpus, input->size + 1);
    memmove(input->bytes + at + count, input->bytes + at, input->size - at);
    memcpy(input->bytes + at, from->bytes + start, count);
    input->size += count;
}

static void mutate(struct corpus *corpus, struct input *input)
{
    static const uint8_t signs[] =
        "\0\n\t\r \"'\\/{}[]()<>:;,.-_+*&!|%@#=~0123456789aeE\x7f\x80\xc3\xe2\xf0\xff";
    size_t at = below(corpus, input->size);
    switch (below(corpus, 6)) {
    case 0:
        if (input->size)
            input->bytes[at] ^= (uint8_t)(1 << below(corpus, 8));
        break;
    case 1:
        if (input->size)
            input->bytes[at] = signs[below(corpus, sizeof(signs) - 1)];
        break;
    case 2:
        if (input->size)
            input->bytes[at] = (uint8_t)next(corpus);
        break;
    case 3:
        remove_range(corpus, input);
        break;
    case 4:
        input->size = below(corpus, 8) ? input->size : at;
        break;
    default:
        insert_piece(corpus, input);
    }
}

static void run_mutations(struct corpus *corpus, size_t count)
{
    struct input input = {malloc(INPUT_BYTES_MAX), 0};
    fuzz_check(input.bytes);
    for (size_t i = 0; i < count && corpus->count; i++) {
        const struct input *from = &corpus->inputs[below(corpus, corpus->count)];
        input.size = from->size;
        memcpy(input.bytes, from->bytes, from->size);
        for (size_t changes = 1 + below(corpus, 8); changes > 0; changes--)
            mutate(corpus, &input);
        run(corpus, input.bytes, input.size);
    }
    free(input.bytes);
}

int main(int argc, char **argv)
{
    struct corpus *corpus = calloc(1, sizeof(*corpus));
    size_t mutations = 0;
    fuzz_check(corpus);
    corpus->random = 1;
    for (int option; (option = getopt(argc, argv, "n:s:k:")) != -1;) {
        if (option == 'n')
            mutations = strtoul(optarg, NULL, 10);
        else if (option == 's')
            corpus->random = strtoull(optarg, NULL, 10) | 1;
        else if (option == 'k')
            corpus->keep = optarg;
        else
            return 2;
    }
    int error = 0;
    for (int i = optind; i < argc && !error; i++)
        error = add_path(corpus, argv[i]);
    if (!error && corpus->count == 0) {
        fprintf(stderr, "usage: %s [-n MUTATIONS] [-s SEED] [-k FILE] PATH...\n", argv[0]);
        error = -1;
    }
    for (size_t i = 0; i < corpus->count && !error; i++)
        run(corpus, corpus->inputs[i].bytes, corpus->inputs[i].size);
    if (!error)
        run_mutations(corpus, mutations);
    if (!error)
        printf("%zu files and %zu mutations of them\n", corpus->count, mutations);
    for (size_t i = 0; i < corpus->count; i++)
        free(corpus->inputs[i].bytes);
    free(corpus);
    return error ? 1 : 0;
}
