import NodeModel
import Testing

@testable import ProcFS

@Suite struct TaskStatusTests {
    static let text = """
        Name:\tsh
        Umask:\t0022
        State:\tS (sleeping)
        Tgid:\t4700
        TracerPid:\t4711
        Uid:\t1000\t0\t1001\t1002
        Gid:\t0\t0\t0\t0
        SigCgt:\t0000000000000000
        CapInh:\t0000000000000001
        CapPrm:\t000001ffffffffff
        CapEff:\t00000000a80425fb
        CapBnd:\tffffffffffffffff
        CapAmb:\t0000000000000002
        NoNewPrivs:\t1
        Seccomp:\t2
        Seccomp_filters:\t3
        Speculation_Store_Bypass:\tthread vulnerable

        """

    @Test func everyField() throws {
        let expected = TaskCredentials(
            realUID: 1000, effectiveUID: 0, savedUID: 1001, fileSystemUID: 1002,
            inheritable: CapabilitySet(rawValue: 1), permitted: CapabilitySet(rawValue: 0x1FF_FFFF_FFFF),
            effective: .runtimeDefault, bounding: CapabilitySet(rawValue: .max), ambient: CapabilitySet(rawValue: 2),
            seccomp: 2, noNewPrivileges: true)
        let status = try parsing(Self.text, TaskStatus.parse)
        #expect(status.credentials == expected && status.tracer == 4711 && status.process == 4700)
    }

    /// Kernels without seccomp, and before 4.10, leave lines out.
    @Test func olderKernel() throws {
        let status = try parsing(
            "Uid:\t0\t0\t0\t0\nCapInh:\t0\nCapPrm:\t3\nCapEff:\t1\nCapBnd:\tF\n", TaskStatus.parse)
        let credentials = status.credentials
        #expect(status.tracer == nil && status.process == nil)
        #expect(credentials.seccomp == nil)
        #expect(credentials.noNewPrivileges == nil)
        #expect(credentials.bounding.rawValue == 15)
        #expect(credentials.ambient == [])
    }

    @Test func tracedByNobody() throws {
        let text = Self.text.replacing("TracerPid:\t4711", with: "TracerPid:\t0")
        #expect(try parsing(text, TaskStatus.parse).tracer == nil)
    }

    /// The kernel writes a line break of a comm as `\n` in two characters.
    @Test func commCannotForgeALine() throws {
        let text = Self.text.replacing("Name:\tsh", with: "Name:\tx\\nUid:\\t9")
        #expect(try parsing(text, TaskStatus.parse).credentials.realUID == 1000)
    }

    static let malformedTexts: [(text: String, line: Int)] = [
        ("", 0),
        ("\n", 1),
        ("Name:\tsh\n", 1),
        ("Uid:\n", 1),
        ("Uid:\t0\t0\t0\n", 1),
        ("Uid:\t0\t0\t0\tx\n", 1),
        ("Uid:\t0\t0\t0\t4294967296\n", 1),
        ("Uid:\t-1\t0\t0\t0\n", 1),
        ("Uid:\t0\t0\t0\t0x\n", 1),
        ("Name:\tsh\nCapEff:\t\n", 2),
        ("Name:\tsh\nCapEff:\tg\n", 2),
        ("Name:\tsh\nCapEff:\t00zz\n", 2),
        ("Name:\tsh\nCapEff:\t1ffffffffffffffff\n", 2),
        ("NoNewPrivs:\tyes\n", 1),
        ("NoNewPrivs:\t256\n", 1),
        ("Seccomp:\t\n", 1),
        ("TracerPid:\t\n", 1),
        ("TracerPid:\t2147483648\n", 1),
        ("Uid:\t0\t0\t0\t0\nCapInh:\t0\nCapPrm:\t3\nCapEff:\t1\n", 4),
        ("CapInh:\t0\nCapPrm:\t3\nCapEff:\t1\nCapBnd:\t1\n", 4),
        (" Uid:\t0\t0\t0\t0\nCapInh:\t0\nCapPrm:\t3\nCapEff:\t1\nCapBnd:\t1\n", 5),
    ]

    @Test(arguments: malformedTexts)
    func malformed(text: String, line: Int) {
        #expect(throws: ProcFSError.malformed(file: "status", line: line)) { try parsing(text, TaskStatus.parse) }
    }

    @Test func invalidBytes() {
        #expect(throws: ProcFSError.malformed(file: "status", line: 1)) {
            try parsing([UInt8](repeating: 0xFF, count: 4096), TaskStatus.parse)
        }
    }

    /// A cut-off file is no task without privileges: up to the end of the bounding set it is an error.
    @Test func cutOffAnywhere() throws {
        let text = Self.text
        let end = try #require(text.firstRange(of: "CapAmb")).lowerBound
        let needed = text[..<end].utf8.count
        for count in 0..<needed {
            #expect(throws: ProcFSError.self, "\(count) bytes") {
                try parsing(Array(text.utf8.prefix(count)), TaskStatus.parse)
            }
        }
        #expect(throws: Never.self) { try parsing(Array(text.utf8.prefix(needed)), TaskStatus.parse) }
    }
}

@Suite struct IDMapFileTests {
    static let mapTexts: [(text: String, mappings: [IDMapping])] = [
        ("", []),
        ("         0          0 4294967295\n", [IDMapping(inside: 0, outside: 0, count: 4_294_967_295)]),
        ("0 838860800 65536\n", [IDMapping(inside: 0, outside: 838_860_800, count: 65_536)]),
        (
            "0 1000 1\n1 100000 65535\n",
            [IDMapping(inside: 0, outside: 1000, count: 1), IDMapping(inside: 1, outside: 100_000, count: 65_535)]
        ),
    ]

    @Test(arguments: mapTexts)
    func maps(text: String, mappings: [IDMapping]) throws {
        #expect(try parsing(text, IDMapFile.parse) == mappings)
    }

    static let malformedTexts: [(text: String, line: Int)] = [
        ("\n", 1), ("0\n", 1), ("0 1000\n", 1), ("x 1000 1\n", 1), ("0 1000 1\n0 1000\n", 2),
        ("0 1000 4294967296\n", 1),
        ("0:1000:1\n", 1), ("0 1000 -1\n", 1), ("\u{FFFD}", 1), ("0 1000 1x\n", 1),
    ]

    @Test(arguments: malformedTexts)
    func malformed(text: String, line: Int) {
        #expect(throws: ProcFSError.malformed(file: "uid_map", line: line)) { try parsing(text, IDMapFile.parse) }
    }
}
