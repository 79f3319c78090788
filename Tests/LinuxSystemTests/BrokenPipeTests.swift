import Glibc
import LinuxSystem
import Testing

@Suite struct BrokenPipeTests {
    private func contains(_ get: (UnsafeMutablePointer<sigset_t>) -> Int32) -> Bool {
        var signals = sigset_t()
        return get(&signals) == 0 && sigismember(&signals, SIGPIPE) == 1
    }

    private var isBlocked: Bool { contains { pthread_sigmask(SIG_BLOCK, nil, $0) } }
    private var isPending: Bool { contains { sigpending($0) } }

    @Test func theSignalIsTakenAway() {
        let before = isBlocked
        let during = withoutBrokenPipeSignal {
            raise(SIGPIPE)
            return isBlocked && isPending
        }
        #expect(during && !isPending && isBlocked == before)
    }
}
