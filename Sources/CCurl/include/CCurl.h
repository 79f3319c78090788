#pragma once
#include <stddef.h>
#include <stdint.h>

/// The parts of libcurl 7.61 that the HTTP client uses. Nothing here but `curl_load` may be called before `curl_load`
/// succeeded: libcurl is no link-time need of the program, and a machine may lack it.

/// Loads libcurl from a shared library such as "libcurl.so.4" and prepares it (curl_global_init(3)).
///
/// NULL on success, otherwise why not, a text that lives until the thread's next call of dlopen(3). Once it succeeded it
/// must not succeed again.
const char *curl_load(const char *library);

/// Values of CURLoption, which never change (curl_easy_setopt(3)); CCurl.c compares them with <curl/curl.h>.
enum {
    CURL_OPTION_WRITE_CONTEXT = 10001,
    CURL_OPTION_URL = 10002,
    CURL_OPTION_PROXY = 10004,
    CURL_OPTION_ERROR_BUFFER = 10010,
    CURL_OPTION_HEADERS = 10023,
    CURL_OPTION_CLIENT_CERTIFICATE = 10025,
    CURL_OPTION_HEADER_CONTEXT = 10029,
    CURL_OPTION_SSL_VERSION = 32,
    CURL_OPTION_METHOD = 10036,
    CURL_OPTION_NO_PROGRESS = 43,
    CURL_OPTION_FOLLOW_LOCATION = 52,
    CURL_OPTION_PROGRESS_CONTEXT = 10057,
    CURL_OPTION_VERIFY_PEER = 64,
    CURL_OPTION_CA_FILE = 10065,
    CURL_OPTION_HTTP_GET = 80,
    CURL_OPTION_VERIFY_HOST = 81,
    CURL_OPTION_HTTP_VERSION = 84,
    CURL_OPTION_CLIENT_KEY = 10087,
    CURL_OPTION_CA_DIRECTORY = 10097,
    CURL_OPTION_NO_SIGNAL = 99,
    CURL_OPTION_ACCEPT_ENCODING = 10102,
    CURL_OPTION_TIMEOUT_MILLISECONDS = 155,
    CURL_OPTION_CONNECT_TIMEOUT_MILLISECONDS = 156,
    CURL_OPTION_COPIED_POST_FIELDS = 10165,
    CURL_OPTION_PROTOCOLS = 181,
    CURL_OPTION_PATH_AS_IS = 234,
    CURL_OPTION_PROXY_SSL_VERSION = 250,
    CURL_OPTION_SUPPRESS_CONNECT_HEADERS = 265,
    CURL_OPTION_POST_FIELD_SIZE = 30120,
};

/// Values of CURLPROTO_*, CURL_SSLVERSION_* and CURL_HTTP_VERSION_*.
enum {
    CURL_PROTOCOLS_HTTP_AND_HTTPS = 3,
    CURL_SSL_VERSION_TLS_1_2 = 6,
    CURL_HTTP_1_1 = 2,
};

/// Values of CURLcode (libcurl-errors(3)).
enum {
    CURL_CODE_OK = 0,
    CURL_CODE_UNSUPPORTED_PROTOCOL = 1,
    CURL_CODE_MALFORMED_URL = 3,
    CURL_CODE_PROXY_NOT_RESOLVED = 5,
    CURL_CODE_HOST_NOT_RESOLVED = 6,
    CURL_CODE_NOT_CONNECTED = 7,
    CURL_CODE_WEIRD_REPLY = 8,
    CURL_CODE_PARTIAL_FILE = 18,
    CURL_CODE_TIMED_OUT = 28,
    CURL_CODE_TLS_HANDSHAKE = 35,
    /// What libcurl before 7.62 says instead of CURL_CODE_PEER_NOT_VERIFIED.
    CURL_CODE_PEER_NOT_VERIFIED_7_61 = 51,
    CURL_CODE_GOT_NOTHING = 52,
    CURL_CODE_SEND_FAILED = 55,
    CURL_CODE_RECEIVE_FAILED = 56,
    CURL_CODE_CLIENT_CERTIFICATE = 58,
    CURL_CODE_CIPHER = 59,
    CURL_CODE_PEER_NOT_VERIFIED = 60,
    CURL_CODE_BAD_CONTENT_ENCODING = 61,
    CURL_CODE_CA_FILE = 77,
    CURL_CODE_ISSUER = 83,
};

/// The size of the buffer for CURL_OPTION_ERROR_BUFFER.
enum { CURL_ERROR_BUFFER_SIZE = 256 };

/// Called with received bytes; returns how many were taken, any other number ends the transfer (CURLOPT_WRITEFUNCTION).
typedef size_t (*curl_data_function)(char *bytes, size_t size, size_t count, void *context);
/// Called at least once a second; anything but 0 ends the transfer (CURLOPT_XFERINFOFUNCTION).
typedef int (*curl_progress_function)(
    void *context, int64_t download_total, int64_t downloaded, int64_t upload_total, int64_t uploaded);

/// NULL when there is no memory.
void *curl_handle_create(void);
/// Back to the defaults; open connections stay.
void curl_handle_reset(void *handle);
void curl_handle_destroy(void *handle);

/// Each returns a CURLcode.
int curl_set_number(void *handle, int option, long number);
int curl_set_size(void *handle, int option, int64_t size);
/// libcurl copies the text; NULL takes a default away.
int curl_set_text(void *handle, int option, const char *text);
/// libcurl keeps the pointer.
int curl_set_pointer(void *handle, int option, void *pointer);
int curl_set_functions(
    void *handle, curl_data_function header, curl_data_function body, curl_progress_function progress);
int curl_run(void *handle);

/// What libcurl says of a CURLcode.
const char *curl_code_text(int code);

/// Appends a copy of a text: the new list, or NULL when there is no memory and the old list stays.
void *curl_list_append(void *list, const char *text);
void curl_list_destroy(void *list);
