import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct HostDeviceTests {
    private static func device(_ path: String, _ type: String?, _ major: UInt32?, _ minor: UInt32 = 0) -> Node {
        .quiet.changingBundle {
            $0.devices = [
                BundleDevice(path: path, type: type, number: major.map { DeviceNumber(major: $0, minor: minor) })
            ]
        }
    }

    static let cases: [(name: String, node: Node, told: [Told])] = [
        ("none", .quiet, []),
        ("disk", device("/dev/x", "b", 259), [Told(.declaredByRuntime, .rootEquivalent, "/dev/x b 259:0")]),
        ("memory", device("/dev/null", "c", 1, 1), [Told(.declaredByRuntime, .rootEquivalent, "/dev/null c 1:1")]),
        ("ports", device("/dev/port", "c", 1, 4), [Told(.declaredByRuntime, .rootEquivalent, "/dev/port c 1:4")]),
        ("kvm", device("/dev/kvm", "c", 10, 232), [Told(.declaredByRuntime, .partial, "/dev/kvm c 10:232")]),
        ("FUSE", device("/dev/fuse", "c", 10, 229), [Told(.declaredByRuntime, .minor, "/dev/fuse c 10:229")]),
        ("accelerator", device("/dev/neuron0", "c", 240), [Told(.declaredByRuntime, .minor, "/dev/neuron0 c 240:0")]),
        (
            "disk by another name", device("/dev/nvidia0", "b", 8),
            [Told(.declaredByRuntime, .rootEquivalent, "/dev/nvidia0 b 8:0")]
        ),
        ("no numbers", device("/dev/sda", nil, nil), [Told(.declaredByRuntime, .partial, "/dev/sda")]),
        ("no type", device("/dev/x", nil, 7), [Told(.declaredByRuntime, .partial, "/dev/x ? 7:0")]),
        (
            "block device with a tty's numbers", device("/dev/tty", "b", 5),
            [Told(.declaredByRuntime, .rootEquivalent, "/dev/tty b 5:0")]
        ),
        ("null", device("/dev/null", "c", 1, 3), []),
        ("ptmx", device("/dev/ptmx", "c", 5, 2), []),
        ("no record", device("/dev/x", "b", 259).changingContainer { $0.bundle = nil }, []),
        ("privileged", Node.quiet.privileged(), []),
        (
            "every device", .quiet.changingBundle { $0.allowsAllDevices = true },
            [Told(.declaredByRuntime, .rootEquivalent, "every device of the node")]
        ),
    ]

    @Test(arguments: cases)
    func evidence(name: String, node: Node, told: [Told]) { #expect(Check.hostDevice.told(node) == told) }

    @Test func values() {
        let evidence = Check.hostDevice.found(Self.device("/dev/x", "b", 259, 3))
        #expect(evidence.map(\.key) == ["/dev/x"])
        #expect(
            evidence.first?.values == ["path": .text("/dev/x"), "number": .text("259:3"), "type": .text("b")])
    }
}
