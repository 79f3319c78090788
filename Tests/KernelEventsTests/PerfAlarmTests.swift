import CTestSupport
import Glibc
import LinuxSystem
import TestSupport
import Testing

@testable import KernelEvents

@Suite(.serialized, .enabled(if: isRoot, "listening to the whole node needs root"))
struct PerfAlarmTests {
    /// Which alarms have rung since they were last asked.
    private func rung(_ alarms: [PerfAlarm], within milliseconds: Int32 = 0) -> [Bool] {
        alarms.map { alarm in
            var entry = pollfd(fd: alarm.descriptor, events: Int16(POLLIN), revents: 0)
            return poll(&entry, 1, milliseconds) == 1
        }
    }

    /// A record is longer than 100 bytes, so that 40 fill the page.
    @Test func ringsUntilItIsFull() throws {
        let alarms = try Processors.online(in: "/sys/devices/system/cpu").map { try PerfAlarm(cpu: $0) }
        test_children_of_every_cpu(1)
        #expect(rung(alarms, within: 30_000).allSatisfy { $0 })
        test_children_of_every_cpu(40)
        _ = rung(alarms)
        test_children_of_every_cpu(1)
        #expect(!rung(alarms).contains(true))
        for alarm in alarms { alarm.set() }
        test_children_of_every_cpu(1)
        #expect(rung(alarms, within: 30_000).allSatisfy { $0 })
    }
}
