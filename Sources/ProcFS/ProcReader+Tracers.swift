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
            do {
                let status = try readFile(threads.number, at: "\(tid)/status", named: "status")
                if try TaskStatus.parse(status).tracer != nil { return true }
            } catch {
                if !error.isGone { throw error }
            }
        }
        return false
    }
}
