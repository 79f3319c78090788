import CLinux

/// The memory of this process.
package enum OwnMemory {
    /// Lets all threads have what they need from one heap, to be called before they are there.
    ///
    /// By default glibc gives threads heaps of their own, and what is free in one is of no use to the others.
    package static func shareHeap() { linux_share_heap() }

    /// Gives back the pages of the program's file that are in memory: most of them the start alone needed.
    ///
    /// Those that are needed again come from the page cache.
    package static func releaseProgram() { linux_release_program() }
}
