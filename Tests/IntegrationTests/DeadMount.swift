import BenchSupport
import Foundation
import Glibc

/// A FUSE mount whose server is stopped: whoever looks at it waits.
final class DeadMount {
    private let point: String
    private let server: RunningProgram

    /// - Parameter living: what is done to the mount before its server is stopped.
    init(over point: String, living: () throws -> Void = {}) throws {
        self.point = point
        server = try Bench.start(["bindfs", "-f", "--no-allow-other", point, point])
        // The server is there once the kernel has its mount; the directory's own answers come from it from then on.
        let deadline = Date().addingTimeInterval(20)
        while !isMounted, Date() < deadline { usleep(10_000) }
        guard isMounted else {
            server.terminate()
            throw Bench.CommandFailed(description: "no mount at \(point)")
        }
        do {
            try living()
        } catch {
            remove()
            throw error
        }
        kill(server.processIdentifier, SIGSTOP)
    }

    private var isMounted: Bool { (try? Bench.run(["mountpoint", "-q", point]).status) == 0 }

    func remove() {
        umount2(point, Int32(MNT_DETACH))
        server.terminate()
    }
}
