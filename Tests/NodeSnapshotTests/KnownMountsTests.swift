import NodeModel
import ProcFS
import Testing

@testable import NodeSnapshot

@Suite struct KnownMountsTests {
    private static let namespace = NamespaceID(rawValue: 4_026_531_841)

    private static func text(_ name: String) -> [UInt8] {
        Array("1 0 0:1 / /\(name) rw - tmpfs tmpfs rw\n".utf8)
    }

    /// Whether the text was parsed; what is told of it is right in each case.
    private func parses(
        _ text: [UInt8], of namespace: NamespaceID = Self.namespace, _ known: KnownMounts
    ) throws -> Bool {
        var isParsed = false
        let mounts = try known.mounts(of: namespace, text) { text throws(ProcFSError) in
            isParsed = true
            return try MountInfo.parse(text)
        }
        #expect(mounts == (try MountInfo.parse(text)))
        return isParsed
    }

    @Test func onlyWhatIsTheSameIsKnown() throws {
        let known = KnownMounts()
        #expect(try parses(Self.text("a"), known))
        #expect(try !parses(Self.text("a"), known))
        // Another text, also of the same length or with a known beginning.
        #expect(try parses(Self.text("b"), known))
        #expect(try parses(Self.text("b") + Self.text("c"), known))
        #expect(try parses(Self.text("b"), known))
        #expect(try parses(Self.text("b"), of: NamespaceID(rawValue: 4_026_532_000), known))
        #expect(try !parses(Self.text("b"), known))
    }

    @Test func whatIsNotAskedForIsForgotten() throws {
        let known = KnownMounts()
        #expect(try parses(Self.text("a"), known))
        known.forgetUnused()
        #expect(try !parses(Self.text("a"), known))
        known.forgetUnused()
        known.forgetUnused()
        #expect(try parses(Self.text("a"), known))
    }

    @Test func longTextsAreNotKept() throws {
        let known = KnownMounts()
        let long = Array(repeatElement(Self.text("a"), count: 3_000).joined())
        #expect(try parses(long, known))
        #expect(try parses(long, known))
    }

    @Test func aTextThatCannotBeParsed() {
        let known = KnownMounts()
        for _ in 0..<2 {
            #expect(throws: ProcFSError.malformed(file: "mountinfo", line: 1)) { try parses(Array("x\n".utf8), known) }
        }
    }
}
