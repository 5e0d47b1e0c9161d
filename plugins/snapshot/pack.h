/* pack.h - an archive into a zstd file with its sha256, and back. In a worker thread. */
#ifndef SNAPSHOT_PACK_H
#define SNAPSHOT_PACK_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct pack_result {
    int64_t bytes;   /* of the packed file */
    char sha256[65]; /* of the packed file, hex */
    char text[300];  /* a sentence after an error */
};

/* Writes `to` under another name first and renames it when all of it is on the disk; beside it
 * goes TO.sha256, as sha256sum -c reads it. Missing folders are made. 0 or a negative errno. */
int pack_file(const char *from, const char *to, int level, const atomic_bool *cancel,
              struct pack_result *result);

struct unpack {
    const char *sha256; /* of the packed file; NULL: not compared */
    int64_t bytes_max;  /* of the unpacked one; 0: any */
};

/* Unpacks `from` into `to`. -EBADMSG: damaged; -EFBIG. Nothing is left after an error. */
int unpack_file(const char *from, const char *to, const struct unpack *how,
                const atomic_bool *cancel, struct pack_result *result);

/* Writes a small file so that it is whole or not there, also after a crash. 0 or negative errno. */
int write_whole(const char *path, const char *text, size_t bytes);

/* Makes a folder and those above it. */
int make_folder(const char *path);

/* A name that is safe as a file's name, of any text. */
void plain_name(const char *text, char *out, size_t size);

#endif
