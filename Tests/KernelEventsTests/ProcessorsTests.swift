import Glibc
import LinuxSystem
import Testing

@testable import KernelEvents

@Suite struct ProcessorsTests {
    static let lists: [(text: String, expected: [UInt32])] = [
        ("0\n", [0]), ("0-3\n", [0, 1, 2, 3]), ("0,2-3,8191\n", [0, 2, 3, 8191]),
    ]

    @Test(arguments: lists)
    func list(text: String, expected: [UInt32]) throws {
        #expect(try Processors.parse(Array(text.utf8)) == expected)
    }

    @Test(arguments: [
        "", "\n", "0", "a\n", "0-\n", "-1\n", "3-1\n", "0,,1\n", "1,0\n", "0-2,2\n", "0-8192\n", "0-4294967296\n",
        "0 1\n", "0-1-2\n", "0\n1\n", "0\u{301}\n",
    ])
    func noList(text: String) {
        #expect(throws: KernelEventsError.malformedProcessorList) { try Processors.parse(Array(text.utf8)) }
    }

    @Test func noUTF8() {
        #expect(throws: KernelEventsError.malformedProcessorList) { try Processors.parse([0x30, 0xFF, 0x0A]) }
    }

    @Test func thisMachine() throws {
        let online = try Processors.online(in: "/sys/devices/system/cpu")
        #expect(online.count == sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    @Test func noDirectory() {
        let missing = SystemError(errorNumber: ENOENT, call: "open", path: "/absent")
        #expect(throws: KernelEventsError.system(missing)) { try Processors.online(in: "/absent") }
    }
}
