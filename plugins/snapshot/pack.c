/* pack.c - see pack.h. */
#include "pack.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

enum { PATH_BYTES = 4096 };

struct packing {
    int from, to;
    void *in, *out;
    size_t in_bytes, out_bytes;
    crypto_hash_sha256_state hash;
    const atomic_bool *cancel;
    struct pack_result *result;
};

static int fail(struct pack_result *result, int error, const char *what, const char *path)
{
    snprintf(result->text, sizeof result->text, "%s %.200s: %s", what, path, strerror(-error));
    return error;
}

void plain_name(const char *text, char *out, size_t size)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.@~+";
    size_t used = 0;
    for (const char *at = text; *at && used + 1 < size; at++, used++)
        out[used] = strchr(plain, *at) && !(used == 0 && *at == '.') ? *at : '_';
    out[used] = '\0';
}

/* ---- Files ----------------------------------------------------------------------------------- */

static int make_folders(const char *path)
{
    char folder[PATH_BYTES];
    snprintf(folder, sizeof folder, "%s", path);
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0750) < 0 && errno != EEXIST)
            return -errno;
        *slash = '/';
    }
    return 0;
}

int make_folder(const char *path)
{
    int error = make_folders(path);
    if (error == 0 && mkdir(path, 0750) < 0 && errno != EEXIST)
        error = -errno;
    return error;
}

/* A rename is on the disk when its folder is. */
static int sync_folder(const char *path)
{
    char copy[PATH_BYTES];
    snprintf(copy, sizeof copy, "%s", path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int error = fsync(fd) < 0 ? -errno : 0;
    close(fd);
    return error;
}

static int write_all(int fd, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t written = write(fd, bytes, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        bytes += written;
        count -= (size_t)written;
    }
    return 0;
}

/* Takes `fd`. */
static int finish(int fd, const char *part, const char *path, int error)
{
    if (error == 0 && fsync(fd) < 0)
        error = -errno;
    if (close(fd) < 0 && error == 0)
        error = -errno;
    if (error == 0 && rename(part, path) < 0)
        error = -errno;
    if (error < 0)
        unlink(part);
    return error < 0 ? error : sync_folder(path);
}

int write_whole(const char *path, const char *text, size_t bytes)
{
    char part[PATH_BYTES];
    int length = snprintf(part, sizeof part, "%s.part", path);
    if (length < 0 || (size_t)length >= sizeof part)
        return -ENAMETOOLONG;
    int error = make_folders(path);
    if (error < 0)
        return error;
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return -errno;
    return finish(fd, part, path, write_all(fd, text, bytes));
}

/* ---- Packing --------------------------------------------------------------------------------- */

static ssize_t read_some(struct packing *packing)
{
    if (packing->cancel && atomic_load(packing->cancel))
        return -ECANCELED;
    ssize_t got;
    do
        got = read(packing->from, packing->in, packing->in_bytes);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

static int put_packed(struct packing *packing, const ZSTD_outBuffer *out)
{
    crypto_hash_sha256_update(&packing->hash, out->dst, out->pos);
    packing->result->bytes += (int64_t)out->pos;
    return write_all(packing->to, out->dst, out->pos);
}

static int compress_all(struct packing *packing, ZSTD_CCtx *zstd)
{
    for (;;) {
        ssize_t got = read_some(packing);
        if (got < 0)
            return (int)got;
        ZSTD_EndDirective mode = got == 0 ? ZSTD_e_end : ZSTD_e_continue;
        ZSTD_inBuffer in = {packing->in, (size_t)got, 0};
        size_t left;
        do {
            ZSTD_outBuffer out = {packing->out, packing->out_bytes, 0};
            left = ZSTD_compressStream2(zstd, &out, &in, mode);
            if (ZSTD_isError(left))
                return -ENOMEM;
            int error = put_packed(packing, &out);
            if (error < 0)
                return error;
        } while (mode == ZSTD_e_end ? left > 0 : in.pos < in.size);
        if (got == 0)
            return 0;
    }
}

static int pack_open(struct packing *packing, const char *from, size_t in_bytes, size_t out_bytes)
{
    crypto_hash_sha256_init(&packing->hash);
    packing->from = open(from, O_RDONLY | O_CLOEXEC);
    if (packing->from < 0)
        return fail(packing->result, -errno, "open", from);
    packing->in = malloc(in_bytes);
    packing->out = malloc(out_bytes);
    packing->in_bytes = in_bytes;
    packing->out_bytes = out_bytes;
    return packing->in && packing->out ? 0 : fail(packing->result, -ENOMEM, "read", from);
}

static void pack_close(struct packing *packing)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&packing->hash, hash);
    sodium_bin2hex(packing->result->sha256, sizeof packing->result->sha256, hash, sizeof hash);
    if (packing->from >= 0)
        close(packing->from);
    free(packing->in);
    free(packing->out);
}

static int write_sum(const char *to, const struct pack_result *result)
{
    char path[PATH_BYTES], text[PATH_BYTES];
    const char *name = strrchr(to, '/');
    snprintf(path, sizeof path, "%.4000s.sha256", to);
    int length = snprintf(text, sizeof text, "%s  %.3900s\n", result->sha256, name ? name + 1 : to);
    return write_whole(path, text, (size_t)length);
}

int pack_file(const char *from, const char *to, int level, const atomic_bool *cancel,
              struct pack_result *result)
{
    char part[PATH_BYTES];
    *result = (struct pack_result){0};
    struct packing packing = {.from = -1, .to = -1, .cancel = cancel, .result = result};
    snprintf(part, sizeof part, "%.4000s.part", to);
    int error = make_folders(to);
    if (error < 0)
        return fail(result, error, "make the folder of", to);
    error = pack_open(&packing, from, ZSTD_CStreamInSize(), ZSTD_CStreamOutSize());
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    if (error == 0 && !zstd)
        error = fail(result, -ENOMEM, "pack", from);
    if (error == 0) {
        ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, level);
        ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
        packing.to = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
        error = packing.to < 0 ? -errno : compress_all(&packing, zstd);
        if (packing.to >= 0)
            error = finish(packing.to, part, to, error);
        if (error < 0)
            fail(result, error, "write", to);
    }
    ZSTD_freeCCtx(zstd);
    pack_close(&packing);
    if (error == 0 && (error = write_sum(to, result)) < 0)
        fail(result, error, "write the checksum of", to);
    return error;
}

/* ---- Unpacking ------------------------------------------------------------------------------- */

static int decompress_all(struct packing *packing, ZSTD_DCtx *zstd, int64_t bytes_max)
{
    size_t left = 1;
    for (;;) {
        ssize_t got = read_some(packing);
        if (got < 0)
            return (int)got;
        if (got == 0)
            return left == 0 ? 0 : -EBADMSG;
        crypto_hash_sha256_update(&packing->hash, packing->in, (size_t)got);
        ZSTD_inBuffer in = {packing->in, (size_t)got, 0};
        while (in.pos < in.size) {
            ZSTD_outBuffer out = {packing->out, packing->out_bytes, 0};
            left = ZSTD_decompressStream(zstd, &out, &in);
            if (ZSTD_isError(left))
                return -EBADMSG;
            packing->result->bytes += (int64_t)out.pos;
            if (bytes_max > 0 && packing->result->bytes > bytes_max)
                return -EFBIG;
            int error = write_all(packing->to, out.dst, out.pos);
            if (error < 0)
                return error;
        }
    }
}

int unpack_file(const char *from, const char *to, const struct unpack *how,
                const atomic_bool *cancel, struct pack_result *result)
{
    *result = (struct pack_result){0};
    struct packing packing = {.from = -1, .to = -1, .cancel = cancel, .result = result};
    int error = make_folders(to);
    if (error < 0)
        return fail(result, error, "make the folder of", to);
    error = pack_open(&packing, from, ZSTD_DStreamInSize(), ZSTD_DStreamOutSize());
    ZSTD_DCtx *zstd = ZSTD_createDCtx();
    if (error == 0 && zstd) {
        packing.to = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
        error = packing.to < 0 ? -errno : decompress_all(&packing, zstd, how->bytes_max);
        if (packing.to >= 0 && close(packing.to) < 0 && error == 0)
            error = -errno;
        if (error < 0)
            fail(result, error, "unpack", from);
    }
    ZSTD_freeDCtx(zstd);
    pack_close(&packing);
    if (error == 0 && how->sha256 && strcmp(how->sha256, result->sha256) != 0)
        error = fail(result, -EBADMSG, "compare the checksum of", from);
    if (error < 0)
        unlink(to);
    return error;
}
