package import Glibc

/// poll(2) for a process that may have no descriptor left.
package enum Readiness {
    /// Waits until one of the descriptors is ready, at most some milliseconds.
    ///
    /// The kernel refuses to look at more descriptors than the process may have (poll(2), EINVAL), whatever it has
    /// already. Then the first alone is waited for, and where that is refused, too, only the time passes, but a quarter of a
    /// second at most: the others have to be looked at then.
    ///
    /// - Parameter count: how many of them count; `nil` stands for all.
    /// - Returns: as poll(2).
    package static func wait(for entries: inout [pollfd], count: Int? = nil, milliseconds: Int64) -> Int32 {
        let blindMilliseconds = min(milliseconds, 250)
        for (count, limit) in [(count ?? entries.count, milliseconds), (1, blindMilliseconds)] {
            let ready = poll(&entries, nfds_t(count), Int32(clamping: limit))
            if ready >= 0 || errno != EINVAL { return ready }
            for index in entries.indices { entries[index].revents = 0 }
        }
        Clock.sleep(seconds: Double(blindMilliseconds) / 1000)
        return 0
    }

    /// Waits until a descriptor takes more, or will not at all.
    ///
    /// - Throws: ETIMEDOUT at the deadline.
    static func awaitRoom(in descriptor: Int32, until deadline: Deadline) throws(SystemError) {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let ready = retrying { poll(&waiting, 1, Int32(clamping: deadline.remainingMilliseconds)) }
        if ready < 0 { throw SystemError(errorNumber: errno, call: "poll", path: "") }
        if ready == 0 { throw SystemError(errorNumber: ETIMEDOUT, call: "poll", path: "") }
    }
}
