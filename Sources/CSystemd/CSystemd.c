#include "CSystemd.h"

#include <errno.h>
#include <sys/uio.h>

#include <systemd/sd-daemon.h>

int systemd_journal_send(const unsigned char *bytes, const size_t *lengths, size_t count) {
    struct iovec fields[SYSTEMD_JOURNAL_FIELDS_MAX];
    if (count == 0 || count > SYSTEMD_JOURNAL_FIELDS_MAX) return -EINVAL;
    for (size_t index = 0; index < count; index++) {
        // The call only reads; iovec has no const form.
        fields[index].iov_base = (void *)bytes;
        fields[index].iov_len = lengths[index];
        bytes += lengths[index];
    }
    return sd_journal_sendv(fields, (int)count);
}

int systemd_notify(const char *state) { return sd_notify(0, state); }
