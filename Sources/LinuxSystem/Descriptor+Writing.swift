import Glibc

/// What a directory of a program's own needs: entries that are made, written, replaced and removed by name, never
/// through a link.
extension Descriptor {
    /// Opens an entry of this directory for appending, and makes it where it is missing, for its owner only.
    ///
    /// Anything but a regular file with one name is refused with EINVAL: a FIFO or device is never written to, and a
    /// second name could be another program's file. With `isNew` the entry must not be there yet (EEXIST).
    package func appendingEntry(_ name: String, isNew: Bool = false) throws(SystemError) -> Descriptor {
        guard Self.isEntryName(name) else { throw SystemError(errorNumber: EINVAL, call: "openat", path: name) }
        let flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
        // Opening a device may already do something, so that it is looked at first.
        if let kind = try kind(of: name), kind != .regular {
            throw SystemError(errorNumber: EINVAL, call: "openat", path: name)
        }
        let number = retrying { openat(self.number, name, flags | (isNew ? O_EXCL : 0), 0o600) }
        if number < 0 { throw SystemError(errorNumber: errno, call: "openat", path: name) }
        let file = Descriptor(adopting: number)
        let status = try file.status()
        guard status.kind == .regular, status.linkCount == 1 else {
            throw SystemError(errorNumber: EINVAL, call: "openat", path: name)
        }
        return file
    }

    /// Opens a regular file of this directory for reading; anything else is refused with EINVAL.
    package func readingEntry(_ name: String) throws(SystemError) -> Descriptor {
        let file = try openEntry(name, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        guard try file.status().kind == .regular else {
            throw SystemError(errorNumber: EINVAL, call: "openat", path: name)
        }
        return file
    }

    /// What an entry is, or `nil` where there is none.
    package func kind(of name: String) throws(SystemError) -> FileStatus.Kind? {
        do throws(SystemError) {
            return try status(of: name).kind
        } catch {
            guard error.errorNumber == ENOENT else { throw error }
            return nil
        }
    }

    /// Puts a new file with these bytes in the place of an entry, for its owner only; after a crash or a loss of power
    /// the entry is the old file or the new one.
    package func replaceEntry(_ name: String, with bytes: [UInt8]) throws(SystemError) {
        let temporary = name + ".new"
        try removeEntry(temporary)
        let file = try appendingEntry(temporary, isNew: true)
        try OutputFile.write(bytes, to: file.number, path: temporary)
        try file.sync()
        try renameEntry(temporary, to: name)
        try sync()
    }

    /// Opens a directory of the program's own, makes it where it is missing, and closes it to everybody else.
    ///
    /// It is no link, and it belongs to the user that the program runs as: otherwise EPERM.
    package static func openOwnDirectory(_ path: String) throws(SystemError) -> Descriptor {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw SystemError(errorNumber: errno, call: "mkdir", path: path)
        }
        let directory = try open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        guard try directory.status().uid == geteuid() else {
            throw SystemError(errorNumber: EPERM, call: "open", path: path)
        }
        guard fchmod(directory.number, 0o700) == 0 else {
            throw SystemError(errorNumber: errno, call: "fchmod", path: path)
        }
        return directory
    }

    /// Removes an entry that is no directory; one that is not there is no error.
    package func removeEntry(_ name: String) throws(SystemError) {
        guard unlinkat(number, name, 0) == 0 || errno == ENOENT else {
            throw SystemError(errorNumber: errno, call: "unlinkat", path: name)
        }
    }

    /// Gives an entry another name, in place of what has that name.
    package func renameEntry(_ name: String, to new: String) throws(SystemError) {
        guard renameat(number, name, number, new) == 0 else {
            throw SystemError(errorNumber: errno, call: "renameat", path: name)
        }
    }

    /// At most `count` bytes from an offset on; fewer at the end of the file.
    package func bytes(at offset: Int64, count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                retrying {
                    pread(number, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(offset) + filled)
                }
            }
            if got < 0 { throw SystemError(errorNumber: errno, call: "pread", path: "") }
            if got == 0 { break }
            filled += got
        }
        return Array(bytes.prefix(filled))
    }

    package func truncate(to size: Int64) throws(SystemError) {
        guard retrying({ ftruncate(number, off_t(size)) }) == 0 else {
            throw SystemError(errorNumber: errno, call: "ftruncate", path: "")
        }
    }

    /// Waits until what was written is on the disk (fsync(2)).
    package func sync() throws(SystemError) {
        guard retrying({ fsync(number) }) == 0 else { throw SystemError(errorNumber: errno, call: "fsync", path: "") }
    }

    /// Keeps every other program that asks out until this descriptor is closed (flock(2)); false where another one has it.
    ///
    /// One that lets go of it may still have a child that runs no program of its own yet, for a moment: it is waited for.
    package func lock() -> Bool {
        let patience = Deadline(secondsFromNow: 1)
        repeat {
            if retrying({ flock(number, LOCK_EX | LOCK_NB) }) == 0 { return true }
            Clock.sleep(seconds: 0.01)
        } while !patience.isPast
        return false
    }
}
