import Glibc
import LinuxSystem
import Testing

@Suite struct ClockTests {
    @Test func nanoseconds() {
        let before = Clock.monotonicMicroseconds()
        let now = Clock.monotonicNanoseconds()
        let after = Clock.monotonicMicroseconds()
        #expect((before...after).contains(Int64(now / 1000)))
    }

    /// `/proc/uptime` counts the time that the machine was suspended, in hundredths of a second.
    @Test func suspended() throws {
        let bytes = try BoundedFile.read(path: "/proc/uptime", limit: 256)
        let text = String(decoding: bytes, as: UTF8.self)
        let uptime = try #require(text.split(separator: " ").first.flatMap { Double($0) })
        let told = Double(Clock.monotonicNanoseconds() + Clock.suspendedNanoseconds()) / 1e9
        #expect(told >= uptime && told < uptime + 30)
        #expect(Clock.suspendedNanoseconds() == 0 || Clock.suspendedNanoseconds() >= 1_000_000)
    }

    @Test func remainingMilliseconds() {
        #expect(Deadline(secondsFromNow: 0).remainingMilliseconds == 0)
        let remaining = Deadline(secondsFromNow: 3600).remainingMilliseconds
        #expect((3_500_000...3_600_000).contains(remaining))
    }

    @Test func halfOfWhatIsLeft() {
        #expect(Deadline(secondsFromNow: 0).half.isPast)
        let remaining = Deadline(secondsFromNow: 3600).half.remainingMilliseconds
        #expect((1_700_000...1_800_000).contains(remaining))
    }
}
