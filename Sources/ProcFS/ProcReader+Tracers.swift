import Glibc
import LinuxSystem

extension ProcReader {
    /// Whether a thread of a process beside the first is traced (ptrace(2)); nothing else is read of them.
    package func hasTracedThread(_ pid: Int32) throws(ProcFSError) -> Bool {
        let list = Syscall.open(at: proc.number, "\(pid)/task", O_DIRECTORY)
        guard list >= 0 else { throw .system(SystemError(errorNumber: -list, call: "openat", path: "task")) }
        let threads = Descriptor(adopting: list)
        let numbers: [Int32]
        do {
            numbers = try self.numbers(in: threads)
        } catch {
            throw .system(error)
        }
        for tid in numbers where tid != pid {
            endSliceIfLong()
            let status = Syscall.open(at: threads.number, "\(tid)/status", 0)
            // Ended meanwhile.
            guard status >= 0 else { continue }
            defer { Syscall.close(status) }
            let count = Syscall.readOnce(status, buffer)
            guard count > 0 else { continue }
            if try TaskStatus.parse(UnsafeRawBufferPointer(rebasing: buffer[..<count])).tracer != nil { return true }
        }
        return false
    }
}
