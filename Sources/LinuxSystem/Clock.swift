import Glibc

/// The system's clocks.
package enum Clock {
    /// Milliseconds since 1970-01-01 UTC.
    package static func wallMilliseconds() -> Int64 { wallNanoseconds() / 1_000_000 }

    /// Nanoseconds since 1970-01-01 UTC (CLOCK_REALTIME).
    package static func wallNanoseconds() -> Int64 { nanoseconds(CLOCK_REALTIME) }

    /// Microseconds of a clock that only runs forward.
    package static func monotonicMicroseconds() -> Int64 { nanoseconds(CLOCK_MONOTONIC) / 1000 }

    /// Nanoseconds of CLOCK_MONOTONIC.
    package static func monotonicNanoseconds() -> UInt64 { UInt64(clamping: nanoseconds(CLOCK_MONOTONIC)) }

    /// Microseconds that the calling thread has had a core since it was started (CLOCK_THREAD_CPUTIME_ID).
    package static func threadMicroseconds() -> Int64 { nanoseconds(CLOCK_THREAD_CPUTIME_ID) / 1000 }

    /// How long the machine has been suspended since boot, in nanoseconds: CLOCK_BOOTTIME counts it, CLOCK_MONOTONIC
    /// does not (clock_gettime(2)).
    package static func suspendedNanoseconds() -> UInt64 {
        // The clocks are read one after the other; what that takes is no suspension.
        let difference = nanoseconds(CLOCK_BOOTTIME) - nanoseconds(CLOCK_MONOTONIC)
        return difference < 1_000_000 ? 0 : UInt64(difference)
    }

    /// Waits at least some seconds; nothing below 0, at most a day.
    package static func sleep(seconds: Double) {
        let end = Deadline(secondsFromNow: min(seconds, 86_400))
        while !end.isPast { usleep(UInt32(clamping: min(end.remainingMicroseconds + 1, 500_000))) }
    }

    private static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// The time by which something has to be done.
package struct Deadline: Sendable {
    private let end: Int64

    /// Any number will do: what is above 30 years counts as that, what is below 0 or no number as past.
    package init(secondsFromNow seconds: Double) {
        let bounded = seconds > 0 ? min(seconds, 1_000_000_000) : 0
        end = Clock.monotonicMicroseconds() + Int64(bounded * 1_000_000)
    }

    /// Half of what is left, for a part of some work that is not to make the whole late.
    package var half: Deadline { Deadline(secondsFromNow: Double(remainingMicroseconds) / 2_000_000) }

    package var isPast: Bool { Clock.monotonicMicroseconds() >= end }

    /// What is left, not less than 0.
    package var remainingMicroseconds: Int64 { max(end - Clock.monotonicMicroseconds(), 0) }

    /// What is left, not less than 0 and rounded up, for calls that wait for whole milliseconds.
    package var remainingMilliseconds: Int64 { (remainingMicroseconds + 999) / 1000 }
}
