import CLinux

/// The memory of this process.
package enum OwnMemory {
    /// Lets all threads have what they need from one heap, to be called before they are there.
    ///
    /// By default glibc gives threads heaps of their own, and what is free in one is of no use to the others.
    package static func shareHeap() { linux_share_heap() }

    /// Gives back what is free between the pieces of memory in use, and the pages of the program's file.
    ///
    /// Those that are needed again come from the page cache.
    package static func release() { linux_release_memory() }
}
