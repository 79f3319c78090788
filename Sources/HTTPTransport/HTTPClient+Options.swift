import CCurl

/// Options of libcurl 7.61 (curl_easy_setopt(3)); one that it refuses fails the request.
extension HTTPClient {
    func configure(_ request: HTTPRequest, headers list: inout UnsafeMutableRawPointer?) throws(HTTPError) {
        try set(CURL_OPTION_ERROR_BUFFER, pointer: errorText)
        try set(CURL_OPTION_NO_SIGNAL, 1)
        try set(CURL_OPTION_PROTOCOLS, CURL_PROTOCOLS_HTTP_AND_HTTPS)
        try set(CURL_OPTION_HTTP_VERSION, CURL_HTTP_1_1)
        try set(CURL_OPTION_FOLLOW_LOCATION, 0)
        try set(CURL_OPTION_URL, text: request.url)
        try set(CURL_OPTION_PATH_AS_IS, 1)
        try set(CURL_OPTION_ACCEPT_ENCODING, text: "gzip")
        try set(CURL_OPTION_CONNECT_TIMEOUT_MILLISECONDS, HTTPTimeouts.milliseconds(request.timeouts.connect))
        if let total = request.timeouts.total {
            try set(CURL_OPTION_TIMEOUT_MILLISECONDS, HTTPTimeouts.milliseconds(total))
        }
        // An empty name stands for no proxy, whatever the environment says.
        if !request.usesEnvironmentProxy { try set(CURL_OPTION_PROXY, text: "") }
        try set(CURL_OPTION_SUPPRESS_CONNECT_HEADERS, 1)
        try configureTLS()
        try configureMethod(request)
        try configureHeaders(request, &list)
    }

    private func configureTLS() throws(HTTPError) {
        try set(CURL_OPTION_VERIFY_PEER, 1)
        try set(CURL_OPTION_VERIFY_HOST, 2)
        try set(CURL_OPTION_SSL_VERSION, CURL_SSL_VERSION_TLS_1_2)
        try set(CURL_OPTION_PROXY_SSL_VERSION, CURL_SSL_VERSION_TLS_1_2)
        if let authorities = authorities?.path {
            try set(CURL_OPTION_CA_FILE, text: authorities)
            // The system's folder would count beside the file.
            try set(CURL_OPTION_CA_DIRECTORY, text: nil)
        }
        if let certificate = certificate?.path { try set(CURL_OPTION_CLIENT_CERTIFICATE, text: certificate) }
        if let key = key?.path { try set(CURL_OPTION_CLIENT_KEY, text: key) }
    }

    private func configureMethod(_ request: HTTPRequest) throws(HTTPError) {
        guard request.method != .get else { return try set(CURL_OPTION_HTTP_GET, 1) }
        // The size first, because libcurl copies that many bytes.
        guard curl_set_size(handle, Int32(CURL_OPTION_POST_FIELD_SIZE), Int64(request.body.count)) == CURL_CODE_OK
        else { throw .other(code: 0, reason: "body size refused") }
        let code = (request.body + [0]).withUnsafeBytes { bytes in
            curl_set_pointer(
                handle, Int32(CURL_OPTION_COPIED_POST_FIELDS), UnsafeMutableRawPointer(mutating: bytes.baseAddress))
        }
        try check(code)
        try set(CURL_OPTION_METHOD, text: request.method.rawValue)
    }

    private func configureHeaders(
        _ request: HTTPRequest, _ list: inout UnsafeMutableRawPointer?
    ) throws(HTTPError) {
        let names = Set(request.headers.map { $0.name.lowercased() })
        // What libcurl would add to a body by itself, and the pause that comes with the first.
        let unwanted = ["Expect", "Content-Type"].filter { !names.contains($0.lowercased()) }
        // A name without a value would take the header away; a semicolon stands for an empty value.
        let lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        for line in lines + unwanted.map({ "\($0):" }) {
            guard let longer = curl_list_append(list, line) else { throw .other(code: 0, reason: "out of memory") }
            list = longer
        }
        try set(CURL_OPTION_HEADERS, pointer: list)
    }

    /// Lets libcurl call the transfer, which has to live until the end of the run.
    func connect(to transfer: Transfer) throws(HTTPError) {
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        try check(
            curl_set_functions(
                handle,
                { bytes, _, count, context in
                    let line = UnsafeRawBufferPointer(start: bytes, count: count)
                    return Transfer.at(context)?.receive(headerLine: line) == true ? count : 0
                },
                { bytes, _, count, context in
                    let part = UnsafeRawBufferPointer(start: bytes, count: count)
                    return Transfer.at(context)?.receive(body: part) == true ? count : 0
                },
                { context, _, downloaded, _, uploaded in
                    Transfer.at(context)?.progress(bytesMoved: downloaded &+ uploaded) == true ? 0 : 1
                }))
        try set(CURL_OPTION_HEADER_CONTEXT, pointer: context)
        try set(CURL_OPTION_WRITE_CONTEXT, pointer: context)
        try set(CURL_OPTION_PROGRESS_CONTEXT, pointer: context)
        try set(CURL_OPTION_NO_PROGRESS, 0)
    }

    private func set(_ option: Int, _ number: Int) throws(HTTPError) {
        try check(curl_set_number(handle, Int32(option), number))
    }

    private func set(_ option: Int, text: String?) throws(HTTPError) {
        try check(curl_set_text(handle, Int32(option), text))
    }

    private func set(_ option: Int, pointer: UnsafeMutableRawPointer?) throws(HTTPError) {
        try check(curl_set_pointer(handle, Int32(option), pointer))
    }

    private func check(_ code: Int32) throws(HTTPError) {
        if code != CURL_CODE_OK { throw HTTPError(code: code, text: "") }
    }
}

extension Transfer {
    fileprivate static func at(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }
}
