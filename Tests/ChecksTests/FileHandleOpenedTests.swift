import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct FileHandleOpenedTests {
    /// `nil` where there is nothing to tell.
    static let devices: [(name: String, device: DeviceNumber, mountPoint: String?)] = [
        ("the node's root", Deeds.disk, "/"),
        ("the container's own root", DeviceNumber(major: 0, minor: 311), nil),
        ("a disk of nobody", DeviceNumber(major: 259, minor: 9), nil),
        ("what only the kernel has on disk", DeviceNumber(major: 0, minor: 25), nil),
    ]

    @Test(arguments: devices)
    func judged(name: String, device: DeviceNumber, mountPoint: String?) {
        let deed = TaskAct.Deed.called(.handle(device))
        let found = Check.fileHandleOpened.evidence(of: deed)
        #expect(found?.values["mountPoint"] == mountPoint.map { .text($0) })
        #expect(NodeIndex(.quiet).isOfConcern(deed) == (mountPoint != nil))
        #expect(Check.fileHandleOpened.evidence(of: deed, container: nil) == nil)
    }
}
