import Foundation
import Glibc

/// A lock on a file for writing, as of another process, until the value goes.
package struct FileLock: ~Copyable {
    private let number: Int32

    package init(_ path: String) throws {
        number = open(path, O_RDWR | O_CLOEXEC)
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        // F_OFD_SETLK, which <fcntl.h> shows only to GNU sources: the lock is the open file's, not this process' own.
        guard number >= 0, fcntl(number, 37, &lock) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
    }

    deinit { close(number) }
}
