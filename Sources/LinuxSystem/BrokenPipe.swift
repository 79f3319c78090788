import Glibc

/// Runs a call in which SIGPIPE does not end the program, and leaves none behind.
///
/// Standard output may be a pipe without a reader, and with CURLOPT_NOSIGNAL libcurl leaves SIGPIPE alone, while OpenSSL
/// writes to sockets without MSG_NOSIGNAL.
package func withoutBrokenPipeSignal<Result>(_ call: () -> Result) -> Result {
    var brokenPipe = sigset_t()
    var before = sigset_t()
    var pending = sigset_t()
    sigemptyset(&brokenPipe)
    sigaddset(&brokenPipe, SIGPIPE)
    sigpending(&pending)
    pthread_sigmask(SIG_BLOCK, &brokenPipe, &before)
    defer {
        if sigismember(&pending, SIGPIPE) == 0 {
            var noTime = timespec()
            while sigtimedwait(&brokenPipe, nil, &noTime) == -1, errno == EINTR {}
        }
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }
    return call()
}
