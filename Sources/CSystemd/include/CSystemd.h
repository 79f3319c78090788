#pragma once
// Reading needs no shim: these are functions of libsystemd 209.
#include <systemd/sd-journal.h>

/// Tells the service manager of a new state with sd_notify(3), `NAME=value` lines.
///
/// 1 when it was told, 0 when no service manager waits for it, a negative error number otherwise.
int systemd_notify(const char *state);
