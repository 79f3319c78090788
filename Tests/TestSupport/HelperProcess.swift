import Foundation

/// A child process in Python that a test looks at; it runs until the test is done with it.
package struct HelperProcess {
    package let pid: Int32

    package static let isAvailable = FileManager.default.isExecutableFile(atPath: interpreter)
    private static let interpreter = "/usr/bin/python3"

    /// Three threads beside the main one.
    package static let threads = """
        import os, threading
        for _ in range(3):
            threading.Thread(target=os.read, args=(0, 1), daemon=True).start()
        os.write(1, b"ready")
        os.read(0, 1)
        """

    /// Holds 4,100 copies of one pipe, and what leads to the node's `/usr` behind them.
    package static let hoarder = """
        import os, resource
        resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
        for number in range(100, 4200):
            os.dup2(0, number)
        usr = os.open("/usr", os.O_PATH)
        os.dup2(usr, 4200)
        os.close(usr)
        os.write(1, b"ready")
        os.read(0, 1)
        """

    /// Begins in a directory so deep that no path of it can be told, which nothing is left of.
    package static let deep = """
        import os, tempfile
        os.chdir(tempfile.mkdtemp())
        names = ["d" * 250] * 20
        for name in names:
            os.mkdir(name)
            os.chdir(name)
        def leave(names=names):
            for name in names:
                os.chdir("..")
                os.rmdir(name)
            os.rmdir(os.getcwd())
        """ + "\n"

    /// Ignores every signal that it can.
    package static let deaf = """
        import os, signal
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        os.write(1, b"ready")
        os.read(0, 1)
        """

    /// The main thread has ended, another one goes on.
    package static let endedMainThread = """
        import ctypes, os, threading
        def other():
            pid = os.getpid()
            while True:
                with open(f"/proc/{pid}/task/{pid}/stat") as file:
                    if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                        break
                os.sched_yield()
            os.write(1, b"ready")
            os.read(0, 1)
            os._exit(0)
        threading.Thread(target=other).start()
        ctypes.CDLL(None).pthread_exit(None)
        """

    /// Runs a script, waits until it says that it is ready, and ends it after `body`.
    package static func with<Result>(_ script: String, _ body: (HelperProcess) throws -> Result) throws -> Result {
        let process = Process()
        let input = Pipe()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: interpreter)
        process.arguments = ["-c", script]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        guard output.fileHandleForReading.readData(ofLength: 5) == Data("ready".utf8) else {
            throw CocoaError(.fileReadUnknown)
        }
        return try body(HelperProcess(pid: process.processIdentifier))
    }
}
