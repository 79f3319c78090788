import Manifests
import NodeModel
import Testing

struct ManifestReaderTests {
    @Test func decodesAPod() throws {
        let text = """
            metadata: {name: a}
            spec:
              hostPID: yes
              containers:
              - name: c
                securityContext: {runAsUser: 010}
            """
        let pod = try ManifestReader.decode(Pod.self, from: Array(text.utf8), name: "pod.yaml")
        #expect(pod.metadata.name == "a")
        #expect(pod.spec.hostPID == true)
        #expect(pod.spec.containers?.first?.securityContext?.runAsUser == 8)
    }

    @Test func namesThePlaceOfAWrongType() {
        let text = """
            # first
            ---
            metadata: {}
            spec:
              containers:
              - securityContext:
                  privileged: "yes please"
            """
        let error = #expect(throws: ManifestError.self) {
            try ManifestReader.decode(Pod.self, from: Array(text.utf8), name: "pod.yaml", showingValues: true)
        }
        #expect(
            error?.description == """
                pod.yaml: document 1, line 7: spec.containers[0].securityContext.privileged: \
                expected true or false, found "yes please"
                """)
    }
}

/// Texts that nobody means well with; each ends, and says what is wrong where.
struct HostileTextTests {
    @Test(arguments: [
        ("", [], []),
        ("\n\n", [], []),
        ("# only\n  # comments\n", [], []),
        ("---\n", ["null"], []),
        ("---\n---\n", ["null", "null"], []),
        ("a: 1\n...\n...\nb: 2\n", ["{a: 1}", "{b: 2}"], []),
        ("a: 1\n...\n# end\n", ["{a: 1}"], []),
        ("a: 1\n...\n---\nb: 2\n...\n", ["{a: 1}", "{b: 2}"], []),
        ("%YAML 1.1\n---\na: 1\n...\n%YAML 1.1\n---\nb: 2\n", ["{a: 1}", "{b: 2}"], []),
        ("--- {a: 1}\n--- # two\nb: 2\n", ["{a: 1}", "{b: 2}"], []),
        ("# first\n---\na: 1\n", ["{a: 1}"], []),
        ("\u{FEFF}a: 1\n", ["{a: 1}"], []),
        ("a: 1\r\n---\r\nb: 2\r\n", ["{a: 1}", "{b: 2}"], []),
        ("a: |\n  --- x\n  ---\nb: 1", ["{a: '--- x\n---\n', b: 1}"], []),
        ("a: [1\n---\nb: 2\n", ["{b: 2}"], ["f: document 1, line 2: did not find expected ',' or ']'"]),
        (
            "a: 1\n---\nb: [\n---\nc: 3", ["{a: 1}", "{c: 3}"],
            ["f: document 2, line 4: did not find expected node content"]
        ),
        ("a:\n\tb: 1", [], ["f: document 1, line 2: found character that cannot start any token"]),
        ("a: b: c", [], ["f: document 1, line 1: mapping values are not allowed in this context"]),
        ("ok: 1\n---\na: \"x\0y\"\n", ["{ok: 1}"], ["f: document 2, line 3: control characters are not allowed"]),
        ("ok: 1\r\n---\r\n\0", ["{ok: 1}"], ["f: document 2, line 3: control characters are not allowed"]),
        ("'open", [], ["f: document 1, line 1: found unexpected end of stream"]),
        ("@", [], ["f: document 1, line 1: found character that cannot start any token"]),
    ])
    func reads(_ source: String, _ roots: [String], _ errors: [String]) {
        let reading = Reading(source)
        #expect(reading.roots.map { $0 == nil ? "null" : text($0) } == roots)
        #expect(reading.errors == errors)
    }

    @Test func bytesThatAreNoUTF8AreAnErrorOfTheirDocument() {
        let reading = Reading(Array("a: 1\n---\nb: 2\nc: ".utf8) + [0xFF, 0x0A] + Array("---\nd: 4\n".utf8))
        #expect(reading.roots.map { text($0) } == ["{a: 1}", "{d: 4}"])
        #expect(reading.errors == ["f: document 2, line 4: invalid leading UTF-8 octet"])
    }

    @Test func utf16IsRead() {
        var bytes: [UInt8] = [0xFF, 0xFE]
        for unit in "a: 1\n---\nb: 2".utf16 { bytes += [UInt8(truncatingIfNeeded: unit), UInt8(unit >> 8)] }
        #expect(Reading(bytes).roots.map { text($0) } == ["{a: 1}", "{b: 2}"])
    }

    @Test(arguments: ["[", "{a: ", "- ", "? ", "[{"])
    func deepNestingEnds(_ opening: String) {
        let reading = Reading(String(repeating: opening, count: 200_000))
        #expect(reading.roots.isEmpty)
        #expect(reading.errors.count == 1)
    }

    @Test func deepIndentationEnds() {
        let text = (0..<1000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
        #expect(Reading(text).errors == ["f: document 1, line 201: more than 200 levels within each other"])
    }

    @Test func hugeScalarsAreRead() {
        let value = String(repeating: "x", count: 8 << 20)
        #expect(Reading("a: \(value)").roots.first??["a"]?.string?.utf8.count == 8 << 20)
        #expect(Reading("a: \"\(value)\"").errors == [])
        // No key: libyaml looks for one in 1,024 characters of a line only.
        #expect(Reading("\(value): a").errors.count == 1)
    }

    @Test func documentsAreCounted() {
        let text = String(repeating: "---\na: 1\n", count: 100_000)
        #expect(Reading(text).roots.count == 100_000)
        let more = Reading(text + "---\na: 1\n---\nb: 1\n")
        #expect(more.roots.count == 100_000)
        #expect(more.errors == ["f: document 100001, line 200001: more than 100000 documents"])
    }

    @Test func documentsThatAreNoTextAreCounted() {
        let reading = Reading(Array(repeating: [0xFF, 0x0A, 0x2D, 0x2D, 0x2D, 0x0A], count: 110_000).flatMap { $0 })
        #expect(reading.errors.count == 100_001)
        #expect(reading.errors.last?.hasSuffix(": more than 100000 documents") == true)
    }

    @Test func manyBrokenDocumentsEnd() {
        let reading = Reading(String(repeating: "---\n[\n", count: 50_000))
        #expect(reading.errors.count == 50_000)
        #expect(reading.errors.last?.hasPrefix("f: document 50000, line 1000") == true)
    }

    @Test func aTextAboveTheLimitIsRefused() {
        let reading = Reading([UInt8](repeating: 0x20, count: 128 << 20 + 1))
        #expect(reading.errors == ["f: larger than 128 MiB"])
    }
}
