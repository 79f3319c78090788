import Glibc
import Testing

@testable import LinuxSystem

@Suite struct StreamListenerTests {
    /// Nobody but its owner may connect, whatever the umask.
    @Test func rights() throws {
        try withScratch { directory in
            let path = "\(directory)/status.sock"
            let own = try StreamListener(path: path)
            #expect(try FileStatus(at: path).permissions == 0o600)
            withExtendedLifetime(own) {}
        }
    }

    /// Who removes the socket, or puts another in its place, is noticed; it is made anew in the place of theirs.
    @Test(arguments: [false, true])
    func isInPlace(isReplaced: Bool) throws {
        try withScratch { directory in
            let path = "\(directory)/status.sock"
            let own = try StreamListener(path: path)
            #expect(own.isInPlace)
            try #require(rename(path, "\(path).away") == 0)
            #expect(!own.isInPlace)
            let other = isReplaced ? try StreamListener(path: path) : nil
            #expect(!own.isInPlace && other?.isInPlace ?? true)
            let again = try StreamListener(path: path)
            #expect(again.isInPlace && other?.isInPlace != true)
            let client = try StreamConnection(to: try #require(StreamAddress(unix: path)))
            try #require(again.accept(until: StopSignal(), within: 60)).send([1, 2, 3])
            #expect(try client.receive(limit: 3) == [1, 2, 3])
            withExtendedLifetime((own, other)) {}
        }
    }
}
