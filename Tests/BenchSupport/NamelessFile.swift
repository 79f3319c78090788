package import Foundation
import Glibc

/// A file for what a program reads or prints: it never blocks a writer, and no descendant that holds it a reader.
package final class NamelessFile {
    package let descriptor: Int32

    package init(_ contents: Data = Data()) throws {
        var path = Array("/tmp/breakoutd-io-XXXXXX".utf8CString)
        descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw Bench.CommandFailed(description: "no temporary file") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(path)
        try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: contents)
        lseek(descriptor, 0, SEEK_SET)
    }

    deinit { close(descriptor) }

    package var contents: Data {
        lseek(descriptor, 0, SEEK_SET)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).readDataToEndOfFile()
    }
}
