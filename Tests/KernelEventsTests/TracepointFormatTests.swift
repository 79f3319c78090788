import Testing

@testable import KernelEvents

@Suite struct TracepointFormatTests {
    /// What stands in front of the fields of every tracepoint's own.
    static let common = """
        name: cgroup_attach_task
        ID: 538
        format:
        \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
        \tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
        \tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
        \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;


        """

    /// As a kernel 6.18 has it.
    static let cgroupMove =
        common + """
            \tfield:int dst_root;\toffset:8;\tsize:4;\tsigned:1;
            \tfield:int dst_level;\toffset:12;\tsize:4;\tsigned:1;
            \tfield:u64 dst_id;\toffset:16;\tsize:8;\tsigned:0;
            \tfield:int pid;\toffset:24;\tsize:4;\tsigned:1;
            \tfield:__data_loc char[] dst_path;\toffset:28;\tsize:4;\tsigned:0;
            \tfield:__data_loc char[] comm;\toffset:32;\tsize:4;\tsigned:0;

            print fmt: "dst_root=%d dst_path=%s; offset:1; %d", REC->dst_root, __get_str(dst_path), REC->pid

            """

    static let moduleLoad =
        common + """
            \tfield:unsigned int taints;\toffset:8;\tsize:4;\tsigned:0;
            \tfield:__data_loc char[] name;\toffset:12;\tsize:4;\tsigned:0;

            """

    static let signal =
        common + """
            \tfield:int sig;\toffset:8;\tsize:4;\tsigned:1;
            \tfield:int errno;\toffset:12;\tsize:4;\tsigned:1;
            \tfield:int code;\toffset:16;\tsize:4;\tsigned:1;
            \tfield:char comm[16];\toffset:20;\tsize:16;\tsigned:0;
            \tfield:pid_t pid;\toffset:36;\tsize:4;\tsigned:1;
            \tfield:int group;\toffset:40;\tsize:4;\tsigned:1;
            \tfield:int result;\toffset:44;\tsize:4;\tsigned:1;

            """

    private static func format(_ text: String, id: String = "538\n") throws(TracepointError) -> TracepointFormat {
        try TracepointFormat(id: Array(id.utf8), format: Array(text.utf8))
    }

    @Test func fields() throws {
        let format = try Self.format(Self.cgroupMove)
        #expect(format.id == 538)
        #expect(format.fields.count == 10)
        #expect(format.fields["common_pid"] == .init(offset: 4, size: 4, isSigned: true, isLocation: false))
        #expect(format.fields["dst_id"] == .init(offset: 16, size: 8, isSigned: false, isLocation: false))
        #expect(format.fields["dst_path"] == .init(offset: 28, size: 4, isSigned: false, isLocation: true))
        #expect(try format.number("pid") == 24 && format.text("dst_path") == 28)
    }

    @Test func arrayInPlace() throws {
        let format = try Self.format("\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n")
        #expect(format.fields == ["comm": .init(offset: 8, size: 16, isSigned: false, isLocation: false)])
        #expect(throws: TracepointError.malformed) { try format.text("comm") }
        #expect(throws: TracepointError.malformed) { try format.number("comm") }
        #expect(throws: TracepointError.malformed) { try format.number("pid") }
    }

    static let brokenLines = [
        "\tfield:",
        "\tfield:int pid;",
        "\tfield:int pid;\toffset:8;\tsize:4;",
        "\tfield:int pid;\toffset:8;\tsize:4;\tsigned:2;",
        "\tfield:int pid;\toffset:-8;\tsize:4;\tsigned:1;",
        "\tfield:int pid;\toffset:65536;\tsize:4;\tsigned:1;",
        "\tfield:int pid;\toffset:99999999999999999999;\tsize:4;\tsigned:1;",
        "\tfield:int pid;\tsize:4;\toffset:8;\tsigned:1;",
        "\tfield:;\toffset:8;\tsize:4;\tsigned:1;",
        "\tfield:int [4];\toffset:8;\tsize:4;\tsigned:1;",
        "\tfield:int pid;\toffset:8;\tsize:4;\tsigned:1;\tmore:1;",
        "\tfield:int common_pid;\toffset:8;\tsize:4;\tsigned:1;",
    ]

    @Test(arguments: brokenLines)
    func broken(line: String) {
        #expect(throws: TracepointError.malformed) { try Self.format(Self.common + line + "\n") }
    }

    @Test(arguments: ["", "538", "\n", "-1\n", "65536\n", "538 \n", "x\n", "538\n\n"])
    func brokenID(id: String) {
        #expect(throws: TracepointError.malformed) { try Self.format(Self.cgroupMove, id: id) }
    }

    @Test func tooManyFields() {
        let lines = (0...256).map { "\tfield:int f\($0);\toffset:8;\tsize:4;\tsigned:1;\n" }
        #expect(throws: TracepointError.malformed) { try Self.format(lines.joined()) }
    }

    @Test func notText() {
        #expect(throws: TracepointError.malformed) { try TracepointFormat(id: [0xFF, 0x0A], format: []) }
        #expect(throws: TracepointError.malformed) { try TracepointFormat(id: Array("1\n".utf8), format: [0xFF]) }
    }
}
