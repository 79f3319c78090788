#pragma once
#include <stddef.h>

// Without this the functions that send are macros that add CODE_FILE, CODE_LINE and CODE_FUNC of whoever calls them.
#ifndef SD_JOURNAL_SUPPRESS_LOCATION
#define SD_JOURNAL_SUPPRESS_LOCATION
#endif
// Reading needs no shim: these are functions of libsystemd 209.
#include <systemd/sd-journal.h>

/// The most fields that one entry may have here; journald itself takes 1024 (journald-native.c).
enum { SYSTEMD_JOURNAL_FIELDS_MAX = 64 };

/// Sends one entry to the journal with sd_journal_sendv(3).
///
/// `bytes` holds the fields one after another, each as `NAME=value`; `lengths` holds the length of each.
/// 0 when it was sent or when no journald listens, a negative error number otherwise.
int systemd_journal_send(const unsigned char *bytes, const size_t *lengths, size_t count);

/// Tells the service manager of a new state with sd_notify(3), `NAME=value` lines.
///
/// 1 when it was told, 0 when no service manager waits for it, a negative error number otherwise.
int systemd_notify(const char *state);
