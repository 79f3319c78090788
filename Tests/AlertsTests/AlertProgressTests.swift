import LinuxSystem
import TestSupport
import Testing

@testable import Alerts

@Suite struct AlertProgressTests {
    @Test func thePositionWaitsForTheOldest() {
        var progress = AlertProgress()
        progress.pass("a")
        #expect(progress.position == "a" && progress.text == "a\n")
        #expect(["b", "c", "d"].map { progress.begin($0) } == [true, true, true])
        progress.pass("e")
        #expect(progress.position == "a" && progress.waiting == 3)
        progress.finish("d")
        progress.finish("unknown")
        #expect(progress.text == "a\nd\n")
        progress.finish("b")
        #expect(progress.text == "b\nd\n" && progress.waiting == 2)
        progress.finish("c")
        #expect(progress.text == "d\n" && progress.waiting == 0)
        progress.pass("e")
        #expect(progress.text == "e\n")
    }

    @Test func whatAnEarlierProcessDidIsNotBegunAgain() {
        var progress = AlertProgress(position: "a", doneBefore: ["c", "d"])
        #expect(progress.text == "a\nc\nd\n")
        #expect(["b", "c"].map { progress.begin($0) } == [true, false])
        #expect(progress.text == "a\nc\nd\n")
        progress.finish("b")
        #expect(progress.text == "c\nd\n")
        #expect(["d"].map { progress.begin($0) } == [false])
        #expect(progress.text == "d\n")
    }

    @Test func theFile() throws {
        try TemporaryDirectory.with { directory in
            let path = "\(directory.path)/cursor"
            #expect(try ProgressFile.load(path) == AlertProgress())
            for progress in [
                AlertProgress(), AlertProgress(position: "s=1;i=2"),
                AlertProgress(position: "s=1;i=2", doneBefore: ["s=1;i=4", "s=1;i=5"]),
            ] {
                try ProgressFile.save(progress, to: path)
                #expect(try ProgressFile.load(path) == progress)
            }
        }
    }

    static let bytes: [(text: String, position: String?)] = [
        ("", nil), ("\n\n\n", nil), ("a", "a"), ("a\nb", "a"), ("\nb\n", nil), ("\u{0}\u{FFFD}\n", "\u{0}\u{FFFD}"),
    ]

    @Test(arguments: bytes)
    func anyTextIsAPosition(text: String, position: String?) throws {
        try TemporaryDirectory.with { directory in
            try directory.file("cursor", text)
            #expect(try ProgressFile.load("\(directory.path)/cursor").position == position)
        }
    }

    @Test func whatIsNoFileOfOursIsRefused() throws {
        try TemporaryDirectory.with { directory in
            try directory.fifo("fifo")
            try directory.link("link", to: "/dev/zero")
            try directory.sparseFile("long", size: ProgressFile.limit + 1)
            for name in ["fifo", "link", "long"] {
                #expect(throws: TrustedFile.Failure.self) { try ProgressFile.load("\(directory.path)/\(name)") }
            }
        }
    }
}
