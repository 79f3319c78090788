/// Why a change of a file of the node was not told of.
package enum FileLoss: String, Sendable {
    /// The kernel's queue had no room (fs.fanotify.max_queued_events, fs.inotify.max_queued_events).
    case fullQueue = "a queue of the kernel was full"
    /// What the kernel gave is no event.
    case malformed = "an event could not be read"
    /// The kernel could not open the file for this process, as where no descriptor is left.
    case unopened = "the kernel could not open the file"
    /// A file was written that is in none of the watched directories any more.
    case unplaced = "a file was gone before it was looked for"
    /// More waited to be judged than may wait.
    case dropped = "too many waited to be judged"
}
