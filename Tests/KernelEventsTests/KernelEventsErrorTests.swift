import Glibc
import LinuxSystem
import Testing

@testable import KernelEvents

@Suite struct KernelEventsErrorTests {
    private static func failure(_ number: Int32) -> SystemError {
        SystemError(errorNumber: number, call: "perf_event_open", path: "cpu0")
    }

    static let opening: [(number: Int32, expected: KernelEventsError, word: String)] = [
        (EACCES, .refused(failure(EACCES)), "CAP_PERFMON"), (EPERM, .refused(failure(EPERM)), "seccomp"),
        (ENOSYS, .unsupported(failure(ENOSYS)), "4.12"), (EINVAL, .unsupported(failure(EINVAL)), "4.12"),
        (ENODEV, .noProcessor(failure(ENODEV)), "cpu0 is not online"),
        (EMFILE, .system(failure(EMFILE)), "Too many open files"),
    ]

    @Test(arguments: opening)
    func sorting(number: Int32, expected: KernelEventsError, word: String) {
        let error = KernelEventsError(opening: Self.failure(number))
        #expect(error == expected)
        #expect(error.description.contains(word))
    }

    @Test func mapping() {
        #expect(KernelEventsError(mapping: Self.failure(EPERM)) == .memory(Self.failure(EPERM)))
        #expect(KernelEventsError(mapping: Self.failure(EPERM)).description.contains("perf_event_mlock_kb"))
        #expect(KernelEventsError(mapping: Self.failure(ENOMEM)) == .system(Self.failure(ENOMEM)))
    }
}
