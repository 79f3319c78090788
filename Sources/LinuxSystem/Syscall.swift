import Glibc

/// The system calls of hot paths, on raw buffers and without allocation; a failure is the negative error number.
///
/// Every other caller uses `Descriptor`.
package enum Syscall {
    /// openat(2), read-only and without following a link in the last component.
    package static func open(at directory: Int32, _ path: UnsafePointer<CChar>, _ flags: Int32) -> Int32 {
        let number = retrying { openat(directory, path, flags | O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        return number < 0 ? -errno : number
    }

    package static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    /// One read(2): enough for the small files of `/proc/<pid>` that the kernel makes in one piece
    /// (fs/seq_file.c fills the buffer it is given as far as whole records fit).
    package static func readOnce(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard let base = buffer.baseAddress else { return -Int(EINVAL) }
        let count = retrying { Glibc.read(descriptor, base, buffer.count) }
        return count < 0 ? -Int(errno) : count
    }

    /// readlinkat(2): the length of the link's text, cut at the buffer's size.
    package static func readlink(
        at directory: Int32, _ path: UnsafePointer<CChar>, _ buffer: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard let base = buffer.baseAddress else { return -Int(EINVAL) }
        let count = retrying { readlinkat(directory, path, base.assumingMemoryBound(to: CChar.self), buffer.count) }
        return count < 0 ? -Int(errno) : count
    }
}
