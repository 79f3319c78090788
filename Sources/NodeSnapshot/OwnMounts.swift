import NodeModel
import ProcFS
import Synchronization

/// The mounts of the reader's own mount namespace, read once for all who ask: the reader looks at directories there,
/// whatever `--proc` shows.
final class OwnMounts: Sendable {
    private let result = Mutex<Result<[Mount], ProcFSError>?>(nil)

    /// None where they cannot be read.
    var all: [Mount] { (try? read()) ?? [] }

    func read() throws(ProcFSError) -> [Mount] {
        let known = result.withLock { result in
            if let result { return result }
            let read = Result { () throws(ProcFSError) in
                let file = try ProcReader(root: "/proc").file(
                    "mountinfo", of: Int32(ownProcessID()), limit: MountTableReading.textLimit)
                return try MountInfo.parse(file)
            }
            result = read
            return read
        }
        return try known.get()
    }
}
