import LinuxSystem
import NodeModel
import Testing

@testable import Daemon

@Suite struct FileEventBoxTests {
    private static func event(_ time: UInt64) -> HeardChange {
        HeardChange(event: FileEvent(time: time, tid: 1, path: "/etc/passwd", change: .modified), owner: .host)
    }

    @Test func olderOnes() {
        let box = FileEventBox()
        box.put([Self.event(1), Self.event(2), Self.event(3)])
        #expect(box.take(before: 3).map(\.event.time) == [1, 2])
        box.put([Self.event(4)])
        #expect(box.take(before: 3) == [])
        #expect(box.take(before: .max).map(\.event.time) == [3, 4])
        #expect(box.take(before: .max) == [] && box.dropped == 0)
    }

    @Test func wake() throws {
        let wake = try WakeSignal()
        let box = FileEventBox(wake: wake)
        box.put([])
        #expect(box.isEmpty && !wake.reset())
        box.put([Self.event(1)])
        #expect(!box.isEmpty && wake.reset())
        #expect(!box.isEmpty && !wake.reset())
    }

    @Test func full() {
        let box = FileEventBox(limit: 2)
        box.put([Self.event(1), Self.event(2), Self.event(3)])
        box.put([Self.event(4)])
        #expect(box.take(before: .max).map(\.event.time) == [1, 2])
        #expect(box.dropped == 2)
        box.put([Self.event(5)])
        #expect(box.take(before: .max).map(\.event.time) == [5])
    }
}
