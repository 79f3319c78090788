import CCurl

extension HTTPError {
    /// The error for a CURLcode that is not CURLE_OK; `text` is what libcurl wrote into its error buffer.
    init(code: Int32, text: String) {
        let reason = text.isEmpty ? String(cString: curl_code_text(code)) : text
        switch Int(code) {
        case CURL_CODE_MALFORMED_URL, CURL_CODE_UNSUPPORTED_PROTOCOL: self = .malformedURL
        case CURL_CODE_HOST_NOT_RESOLVED, CURL_CODE_PROXY_NOT_RESOLVED: self = .resolve(reason: reason)
        case CURL_CODE_NOT_CONNECTED: self = .connect(reason: reason)
        case CURL_CODE_TIMED_OUT: self = .timedOut
        case CURL_CODE_TLS_HANDSHAKE, CURL_CODE_CLIENT_CERTIFICATE, CURL_CODE_CIPHER, CURL_CODE_PEER_NOT_VERIFIED,
            CURL_CODE_PEER_NOT_VERIFIED_7_61, CURL_CODE_CA_FILE, CURL_CODE_ISSUER:
            self = .tls(reason: reason)
        case CURL_CODE_SEND_FAILED, CURL_CODE_RECEIVE_FAILED:
            // With TLS 1.3 a server refuses a client's certificate after the client's side of the handshake is done.
            self = reason.contains("alert") ? .tls(reason: reason) : .interrupted(reason: reason)
        case CURL_CODE_GOT_NOTHING, CURL_CODE_PARTIAL_FILE: self = .interrupted(reason: reason)
        case CURL_CODE_WEIRD_REPLY, CURL_CODE_BAD_CONTENT_ENCODING: self = .malformedResponse(reason: reason)
        default: self = .other(code: code, reason: reason)
        }
    }
}
