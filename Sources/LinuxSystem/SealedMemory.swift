import CLinux
import Glibc

/// Bytes as a file without a name that nobody can change (memfd_create(2)), for a library that takes only paths.
package struct SealedMemory: ~Copyable, Sendable {
    private let descriptor: Descriptor

    package init(_ bytes: [UInt8]) throws(SystemError) {
        let flags = UInt32(LINUX_MFD_CLOEXEC | LINUX_MFD_ALLOW_SEALING)
        let number = linux_memfd_create("sealed", flags)
        if number < 0 { throw SystemError(errorNumber: errno, call: "memfd_create", path: "") }
        let descriptor = Descriptor(adopting: number)
        try OutputFile.write(bytes, to: number)
        guard fchmod(number, 0o400) == 0, fcntl(number, Int32(LINUX_F_ADD_SEALS), Int32(LINUX_F_SEAL_ALL)) == 0 else {
            throw SystemError(errorNumber: errno, call: "fcntl", path: "")
        }
        self.descriptor = descriptor
    }

    /// Names the bytes within this process, as long as the value lives.
    package var path: String { "/proc/self/fd/\(descriptor.number)" }
}
