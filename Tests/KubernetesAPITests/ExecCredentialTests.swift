import Testing

@testable import KubernetesAPI

@Suite struct ExecCredentialTests {
    private static func document(_ status: String, version: String = "v1", kind: String = "ExecCredential") -> String {
        #"{"apiVersion": "client.authentication.k8s.io/\#(version)", "kind": "\#(kind)", "spec": {}, "status": \#(status)}"#
    }

    static let good: [(output: String, token: String, expiration: Int64?)] = [
        (document(#"{"token": "t"}"#), "t", nil),
        (document(#"{"token": "t"}"#, version: "v1beta1"), "t", nil),
        (document(#"{"token": "a.b-c_d=", "expirationTimestamp": "2026-03-05T17:30:20Z"}"#), "a.b-c_d=", 1_772_731_820),
        (document(#"{"token": "t", "expirationTimestamp": "2026-03-05T17:30:20-08:00"}"#), "t", 1_772_760_620),
        (document(#"{"token": "t", "expirationTimestamp": null, "clientCertificateData": "c"}"#), "t", nil),
    ]

    @Test(arguments: good)
    func credential(output: String, token: String, expiration: Int64?) throws {
        let credential = try ExecCredential(Array(output.utf8))
        #expect(credential.token == token && credential.expiration == expiration)
    }

    static let bad: [(output: String, reason: String)] = [
        ("", "its output is no JSON of an ExecCredential"),
        ("token", "its output is no JSON of an ExecCredential"),
        ("[]", "its output is no JSON of an ExecCredential"),
        ("\u{0}", "its output is no JSON of an ExecCredential"),
        (document(#"{"token": 1}"#), "its output is no JSON of an ExecCredential"),
        (document(#"{"token": "t""#), "its output is no JSON of an ExecCredential"),
        ("{}", "its output is no ExecCredential of version v1 or v1beta1"),
        (
            document(#"{"token": "t"}"#, version: "v1alpha1"),
            "its output is no ExecCredential of version v1 or v1beta1"
        ),
        (document(#"{"token": "t"}"#, kind: "Secret"), "its output is no ExecCredential of version v1 or v1beta1"),
        (document("null"), "its output has no token"), (document("{}"), "its output has no token"),
        (document(#"{"token": ""}"#), "its output has no token"),
        (document(#"{"clientCertificateData": "c"}"#), "it gives a client certificate, which is not supported"),
        (document(#"{"token": "a\r\nHost: b"}"#), "its token has characters that no token has"),
        (document(#"{"token": "ä"}"#), "its token has characters that no token has"),
        (
            document(#"{"token": "t", "expirationTimestamp": "tomorrow"}"#),
            "its expirationTimestamp is no RFC 3339 time"
        ),
    ]

    @Test(arguments: bad)
    func malformed(output: String, reason: String) {
        #expect(throws: ExecCredential.Malformed(description: reason)) { _ = try ExecCredential(Array(output.utf8)) }
    }
}
