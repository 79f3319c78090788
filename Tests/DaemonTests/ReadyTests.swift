import TestSupport
import Testing

@testable import Daemon

@Suite struct ReadyTests {
    private static let starting = "STATUS=Reading the node for the first time"
    private static let watching = "STATUS=Watching; 0 findings open, 0 tasks"

    /// Ready is who watches, whatever is read anew before.
    @Test func aReloadWhileItStarts() throws {
        try TemporaryDirectory.with { directory in
            let manager = try DatagramReceiver(in: directory)
            let status = DaemonStatus(manager: ServiceManager(socket: manager.path), counts: CountsBox())
            status.setReloading()
            #expect(manager.receive().hasPrefix("RELOADING=1\n"))
            status.setReloaded()
            #expect(manager.receive() == Self.starting)
            status.set(events: .working)
            #expect(manager.receive() == Self.starting)
            status.set(scanGaps: [])
            #expect(manager.receive() == "READY=1\n\(Self.watching)")
            status.setReloaded()
            #expect(manager.receive() == "READY=1\n\(Self.watching)")
        }
    }
}
