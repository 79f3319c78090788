import Foundation
import Glibc
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import ProcFS

@Suite struct ProcReaderFilesTests {
    private static func key(_ pid: Int32, _ reader: ProcReader) throws -> TaskKey {
        TaskKey(pid: pid, tid: pid, startTime: try reader.stat(of: pid).startTime)
    }

    @Test func thisProcess() throws {
        let reader = try ProcReader()
        let files = try #require(try reader.files(of: Self.key(getpid(), reader), .none))
        #expect(files.root == FileIdentity(path: "/") && files.root?.kind == .directory)
        #expect(files.workingDirectory == FileIdentity(path: "."))
        #expect(files.program == FileIdentity(path: "/proc/self/exe") && files.program?.kind == .regular)
        #expect(files.open == [])
        #expect(files.root?.mount != 0)
    }

    /// A program in another mount than its root says where; this one's root is the mount of /proc.
    @Test(
        .enabled(if: HelperProcess.isAvailable && geteuid() == 0, "needs /usr/bin/python3 and root"),
        arguments: [true, false])
    func programInAnotherMount(isOther: Bool) throws {
        let change = isOther ? "os.chroot('/proc')" : "pass"
        try HelperProcess.with("import os\n\(change)\nos.write(1, b'ready')\nos.read(0, 1)") { helper in
            let reader = try ProcReader()
            let files = try #require(try reader.files(of: Self.key(helper.pid, reader), .none))
            let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(helper.pid)/exe")
            #expect(files.programPath == (isOther ? program : nil) && files.program == FileIdentity(path: program))
        }
    }

    /// Holds a directory, a device, a pipe, and a file that has no name any more.
    private static let holder = """
        import os, tempfile
        def move(file, number):
            os.dup2(file, number)
            os.close(file)
        move(os.open("/usr", os.O_PATH), 20)
        move(os.open("/dev/null", os.O_RDONLY), 21)
        move(os.pipe()[0], 22)
        nameless, name = tempfile.mkstemp()
        os.unlink(name)
        move(nameless, 23)
        os.chdir("/usr")
        os.write(1, b"ready")
        os.read(0, 1)
        """

    @Test(.enabled(if: HelperProcess.isAvailable, "needs /usr/bin/python3"))
    func openFiles() throws {
        try HelperProcess.with(Self.holder) { helper in
            let reader = try ProcReader()
            let files = try #require(try reader.files(of: Self.key(helper.pid, reader), .files))
            #expect(files.workingDirectory == FileIdentity(path: "/usr"))
            let held = files.open.filter { $0.number >= 20 }
            try #require(held.map(\.number) == [20, 21, 23])
            #expect(held[0].path == "/usr" && held[0].file == FileIdentity(path: "/usr"))
            #expect(held[1].file.kind == .characterDevice)
            #expect(held[1].file.node == DeviceNumber(major: 1, minor: 3))
            #expect(held[2].path.hasSuffix(" (deleted)") && held[2].file.kind == .regular)
        }
    }

    /// Holds a device and a directory of which the kernel tells no path.
    private static let deepHolder =
        HelperProcess.deep + """
            def move(file, number):
                os.dup2(file, number)
                os.close(file)
            os.mknod("disk", 0o060600, os.makedev(8, 1))
            move(os.open("disk", os.O_PATH), 20)
            move(os.open(".", os.O_PATH), 21)
            move(os.open("/usr", os.O_PATH), 22)
            os.unlink("disk")
            leave()
            os.chdir("/usr")
            os.write(1, b"ready")
            os.read(0, 1)
            """

    /// What lies too deep for a path is looked at all the same, and that its path was not read is told.
    @Test(.enabled(if: HelperProcess.isAvailable && geteuid() == 0, "needs /usr/bin/python3 and root"))
    func pathsTooLong() throws {
        try HelperProcess.with(Self.deepHolder) { helper in
            let reader = try ProcReader()
            let files = try #require(try reader.files(of: Self.key(helper.pid, reader), .files))
            let held = files.open.filter { $0.number >= 20 }
            try #require(held.map(\.number) == [20, 21, 22])
            #expect(held.map(\.path) == ["", "", "/usr"])
            #expect(held[0].file.kind == .blockDevice && held[0].file.node == DeviceNumber(major: 8, minor: 1))
            #expect(held[1].file.kind == .directory && files.unread == "File name too long")
        }
    }

    /// Holds the root of a FUSE file system of another user, in a mount namespace of its own.
    private static let fuseHolder = """
        import ctypes, os, tempfile
        libc = ctypes.CDLL(None, use_errno=True)
        def check(result):
            if result != 0: raise OSError(ctypes.get_errno(), "")
        check(libc.unshare(0x20000))
        check(libc.mount(b"none", b"/", None, 0x44000, None))
        point = tempfile.mkdtemp()
        device = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={device},rootmode=40000,user_id=65534,group_id=65534".encode()
        check(libc.mount(b"x", point.encode(), b"fuse", 0, options))
        os.dup2(os.open(point, os.O_PATH), 20)
        check(libc.umount2(point.encode(), 2))
        os.rmdir(point)
        os.write(1, b"ready")
        os.read(0, 1)
        """

    /// Of such a file system only the device and the mount are told: enough, unless the mount is one of the node's.
    @Test(
        .enabled(
            if: HelperProcess.isAvailable && isRoot && access("/dev/fuse", R_OK | W_OK) == 0,
            "needs /usr/bin/python3, root and FUSE"))
    func fileSystemOfAnotherUser() throws {
        try HelperProcess.with(Self.fuseHolder) { helper in
            let reader = try ProcReader()
            let info = try reader.file("fdinfo/20", of: helper.pid, limit: 4096)
            let id: UInt32 = try #require(DescriptorInfo.number("mnt_id", in: info))
            func unread(_ mounts: [UInt32]?) throws -> String? {
                let places = mounts.map { mounts in
                    NodePlaces(
                        root: "/", hostFiles: [],
                        hostMounts: mounts.map {
                            Mount(
                                id: $0, parentID: 1, device: DeviceNumber(major: 0, minor: 1), root: "/",
                                mountPoint: "/x", fileSystemType: "fuse", source: "x")
                        }, tables: [])
                }
                let files = try #require(try reader.files(of: Self.key(helper.pid, reader), .files, places: places))
                #expect(!files.open.contains { $0.number == 20 } && files.root != nil)
                return files.unread
            }
            #expect(try unread([1]) == nil)
            #expect(try unread([1, id]) == "Permission denied")
            // Where the node's mounts are not known, nobody can tell.
            #expect(try unread(nil) == "Permission denied")
        }
    }

    private static let talker = """
        import os, socket
        ends = socket.socketpair()
        for number, end in enumerate(ends):
            os.dup2(end.fileno(), 30 + number)
            end.close()
        os.write(1, b"ready")
        os.read(0, 1)
        """

    /// Holds a namespace, a handle on itself, a packet socket and one of another kind.
    private static let keeper = """
        import os, socket
        def move(file, number):
            os.dup2(file, number)
            os.close(file)
        move(os.open("/proc/self/ns/uts", os.O_RDONLY), 20)
        move(os.pidfd_open(os.getpid()), 21)
        move(socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM).detach(), 22)
        move(socket.socket(socket.AF_INET, socket.SOCK_STREAM).detach(), 23)
        os.write(1, b"ready")
        os.read(0, 1)
        """

    /// Sockets are read where they are wanted, and nobody knows yet where they lead.
    @Test(.enabled(if: HelperProcess.isAvailable, "needs /usr/bin/python3"))
    func sockets() throws {
        try HelperProcess.with(Self.talker) { helper in
            let reader = try ProcReader()
            let key = try Self.key(helper.pid, reader)
            let sockets = try #require(try reader.files(of: key, .filesAndSockets)?.sockets).filter {
                [30, 31].contains($0.number)
            }
            #expect(sockets.map(\.number) == [30, 31] && sockets.allSatisfy { $0.service == nil && $0.inode > 0 })
            #expect(try reader.files(of: key, .files)?.sockets == nil)
        }
    }

    @Test(.enabled(if: HelperProcess.isAvailable && geteuid() == 0, "needs /usr/bin/python3 and root"))
    func openObjects() throws {
        try HelperProcess.with(Self.keeper) { helper in
            let reader = try ProcReader()
            let key = try Self.key(helper.pid, reader)
            let packets = try PacketSockets.parse(reader.file("net/packet", of: helper.pid, limit: 1 << 20))
            let own = try #require(try reader.namespaces(of: helper.pid)[.uts])
            let plain = try #require(try reader.files(of: key, .files)?.objects)
            #expect(plain.filter { $0.number >= 20 }.map(\.number) == [20, 21])
            let held = try #require(try reader.files(of: key, .files, packetSockets: Set(packets))?.objects)
            let objects = Dictionary(held.map { ($0.number, $0.object) }, uniquingKeysWith: { first, _ in first })
            #expect(objects[20] == .namespace(.uts, own) && objects[21] == .process(helper.pid))
            #expect(packets.contains { objects[22] == .packetSocket($0) } && objects[23] == nil)
            #expect(try reader.files(of: key, .none)?.objects == nil)
        }
    }

    /// What has too many descriptors is cut, and shows the rest of itself; nothing of it is lost where more is asked for.
    @Test(
        .enabled(if: HelperProcess.isAvailable && geteuid() == 0, "needs /usr/bin/python3 and root"),
        arguments: [(ProcReader.descriptorLimit, true), (ProcReader.longDescriptorLimit, nil)])
    func manyDescriptors(limit: Int, isCut: Bool?) throws {
        try HelperProcess.with(HelperProcess.hoarder) { helper in
            let reader = try ProcReader()
            let files = try #require(try reader.files(of: Self.key(helper.pid, reader), .files, limit: limit))
            #expect(files.isCut == isCut && files.root == FileIdentity(path: "/"))
            #expect(files.open.filter { $0.number >= 100 }.map(\.number) == (isCut == true ? [] : [4200]))
        }
    }

    /// Holds 4,100 files of no place on the node, and what leads to `/usr` behind them.
    private static let decoys = """
        import os, resource
        resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
        for number in range(100, 4200):
            decoy = os.memfd_create("decoy")
            if decoy != number:
                os.dup2(decoy, number)
                os.close(decoy)
        usr = os.open("/usr", os.O_PATH)
        os.dup2(usr, 4200)
        os.close(usr)
        os.write(1, b"ready")
        os.read(0, 1)
        """

    /// What tells nothing of the node takes no room from what does.
    @Test(.enabled(if: HelperProcess.isAvailable && geteuid() == 0, "needs /usr/bin/python3 and root"))
    func decoysTakeNoRoom() throws {
        try HelperProcess.with(Self.decoys) { helper in
            let reader = try ProcReader()
            let key = try Self.key(helper.pid, reader)
            let cut = try #require(try reader.files(of: key, .files, limit: 8192))
            #expect(cut.isCut == true && !cut.open.contains { $0.number == 4200 })
            let usr = try #require(FileIdentity(path: "/usr"))
            let places = NodePlaces(
                root: "/", hostFiles: [HostFile(path: "/usr", file: usr)], hostMounts: [], tables: [])
            let files = try #require(try reader.files(of: key, .files, limit: 8192, places: places))
            #expect(files.isCut == nil && files.open.filter { $0.number >= 100 }.map(\.number) == [4200])
        }
    }

    /// A thread beside the main one, in another directory or with another table of descriptors where it is told to.
    private static func threaded(unshare flags: Int32) -> String {
        """
        import ctypes, os, threading
        def other():
            assert ctypes.CDLL(None).unshare(\(flags)) == 0
            if \(flags) & 0x200: os.chdir("/usr")
            if \(flags) & 0x400:
                file = os.open("/etc", os.O_PATH)
                os.dup2(file, 20)
                os.close(file)
            os.write(1, b"ready")
            os.read(0, 1)
        threading.Thread(target=other, daemon=True).start()
        os.read(0, 1)
        """
    }

    /// What a thread made its own by CLONE_FS (0x200) or CLONE_FILES (0x400) is its own, and nothing else is read again.
    @Test(.enabled(if: HelperProcess.isAvailable, "needs /usr/bin/python3"), arguments: [0, 0x200, 0x400, 0x600])
    func thread(unshare flags: Int32) throws {
        try HelperProcess.with(Self.threaded(unshare: flags)) { helper in
            let reader = try ProcReader()
            let thread = try #require(reader.readWholeProcess(helper.pid).last)
            try #require(thread.tid != helper.pid)
            let files = try reader.files(of: thread.key, .files, besides: helper.pid)
            #expect((files == nil) == (flags == 0) && files?.program == nil)
            #expect(files?.workingDirectory == (flags & 0x200 == 0 ? nil : FileIdentity(path: "/usr")))
            #expect((files?.root != nil) == (flags & 0x200 != 0))
            #expect(files?.open.first { $0.number == 20 }?.path == (flags & 0x400 == 0 ? nil : "/etc"))
            // Descriptors that nobody wants to know of are not read.
            #expect(try reader.files(of: thread.key, .none, besides: helper.pid)?.open ?? [] == [])
            let main = try #require(try reader.files(of: Self.key(helper.pid, reader), .files))
            #expect(main.open.allSatisfy { $0.number != 20 } && main.workingDirectory == FileIdentity(path: "."))
        }
    }

    /// In a `/proc` with other numbers nobody is known to share anything.
    @Test func numbersOfAnotherProc() throws {
        let own = getpid()
        #expect(try ProcReader().share(.descriptors, own, own) && ProcReader().share(.directories, own, own))
        #expect(try !ProcReader().share(.descriptors, own, 1))
        try TemporaryDirectory.with { directory in
            try directory.link("self", to: "\(own + 1)")
            #expect(try !ProcReader(root: directory.path).share(.descriptors, own, own))
        }
    }

    /// A number that is another task's by now, and one that is nobody's.
    @Test func taskThatEnded() throws {
        let reader = try ProcReader()
        #expect(try reader.files(of: TaskKey(pid: getpid(), tid: getpid(), startTime: 1), .none) == nil)
        #expect(try reader.files(of: TaskKey(pid: 4_194_305, tid: 4_194_305, startTime: 1), .files) == nil)
    }

    /// One thing that cannot be looked at costs nothing else; in a made-up `/proc` it leads to a loop (ELOOP).
    @Test(arguments: ["root", "cwd", "exe", "fd/4", "fdinfo/5"])
    func whatCannotBeLookedAt(name: String) throws {
        try TemporaryDirectory.with { directory in
            var links = [
                "root": "/", "cwd": "/usr", "exe": "/bin", "fd/3": "/etc", "fd/4": "/dev", "fd/5": "anon_inode:[pidfd]",
                "fd/6": "/var",
            ]
            links[name] = "\(directory.path)/loop"
            try directory.link("loop", to: "loop")
            for (link, target) in links { try directory.link("42/\(link)", to: target) }
            if links["fdinfo/5"] == nil { try directory.file("42/fdinfo/5", "Pid:\t7\n") }
            try directory.file("42/stat", "42 (sh) S 1 42 42 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 0 0\n")
            let reader = try ProcReader(root: directory.path)
            func read(_ startTime: UInt64) throws -> TaskFiles? {
                try reader.files(of: TaskKey(pid: 42, tid: 42, startTime: startTime), .files)
            }
            let files = try #require(try read(500))
            func seen(_ link: String, _ path: String) -> FileIdentity? { link == name ? nil : FileIdentity(path: path) }
            #expect(files.root == seen("root", "/") && files.workingDirectory == seen("cwd", "/usr"))
            #expect(files.program == seen("exe", "/bin"))
            #expect(files.open.map(\.path) == (name == "fd/4" ? ["/etc", "/var"] : ["/etc", "/dev", "/var"]))
            #expect(files.objects?.map(\.object) == (name == "fdinfo/5" ? nil : [.process(7)]))
            #expect(files.unread == "Too many levels of symbolic links")
            #expect(try read(501) == nil)
        }
    }

    /// A file system of the container's own answers as it likes.
    @Test(arguments: [(ENOENT, nil), (ESRCH, "No such process"), (EACCES, "Permission denied")])
    func errorsOfAFile(errorNumber: Int32, unread: String?) {
        var files = TaskFiles(task: TaskKey(pid: 1, tid: 1, startTime: 1))
        let found = files.attempt { () throws(ProcFSError) -> Int? in
            throw .system(SystemError(errorNumber: errorNumber, call: "statx", path: "fd/3"))
        }
        #expect(found == nil && files.unread == unread)
    }

    @Test func identities() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("file")
            try directory.hardLink("second", to: "file")
            try directory.link("link", to: "file")
            try directory.fifo("fifo")
            let file = try #require(FileIdentity(path: "\(directory.path)/file"))
            #expect(file.kind == .regular && file.node == nil)
            for name in ["second", "link"] { #expect(FileIdentity(path: "\(directory.path)/\(name)") == file) }
            // Nobody writes to it: to open it would wait.
            #expect(FileIdentity(path: "\(directory.path)/fifo")?.kind == .other)
            #expect(FileIdentity(path: "\(directory.path)/absent") == nil)
            let own = try #require(FileIdentity(path: directory.path))
            #expect(own.kind == .directory && !own.isSameFile(as: file) && own.device == file.device)
        }
    }
}
