// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/privacy/pseudonym.hpp"

#include "engine/events/digest.hpp"
#include "engine/events/text_rules.hpp"
#include "engine/messages.hpp"

#include "common/base/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

namespace onair::track {

namespace {

constexpr size_t key_bytes = 32;

std::string random_hex() {
    std::array<unsigned char, key_bytes> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw Error(ErrorKind::resource, "The system has no random numbers for a key.", "RAND_bytes");
    std::string out = hex_of(bytes.data(), bytes.size());
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return out;
}

/// Closes what it holds.
struct File {
    int fd;
    ~File() {
        if (fd >= 0) close(fd);
    }
};

Error unreadable(const std::string& file, const char* call) {
    return error(Msg::key_unreadable, {file, std::strerror(errno)}, call);
}

/// Whole under its name or not there at all: written beside it, synced, linked.
void make_key(const std::string& file) {
    const std::string draft = file + "." + std::to_string(getpid()) + ".new";
    unlink(draft.c_str());
    const std::string text = random_hex() + "\n";
    {
        const File out{open(draft.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600)};
        if (out.fd < 0) throw unreadable(file, "open");
        const bool whole = fchmod(out.fd, 0600) == 0 &&
                           write(out.fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                           fsync(out.fd) == 0;
        if (!whole) {
            const Error e = unreadable(file, "write");
            unlink(draft.c_str());
            throw e;
        }
    }
    const int linked = link(draft.c_str(), file.c_str()); // another process may have been faster: then its key counts
    const int failure = errno;
    unlink(draft.c_str());
    errno = failure;
    if (linked != 0 && errno != EEXIST) throw unreadable(file, "link");
}

} // namespace

struct Pseudonymiser::Mac {
    explicit Mac(std::string_view key) : algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr)) {
        keyed = algorithm ? EVP_MAC_CTX_new(algorithm) : nullptr;
        char digest[] = "SHA256";
        const std::array<OSSL_PARAM, 2> params{OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                                               OSSL_PARAM_construct_end()};
        if (!keyed ||
            EVP_MAC_init(keyed, reinterpret_cast<const unsigned char*>(key.data()), key.size(), params.data()) != 1)
            throw Error(ErrorKind::library, "Keyed hashes cannot be made.", "EVP_MAC_init(HMAC, SHA256)");
    }
    ~Mac() {
        EVP_MAC_CTX_free(keyed);
        EVP_MAC_free(algorithm);
    }
    Mac(const Mac&) = delete;
    Mac& operator=(const Mac&) = delete;

    EVP_MAC* algorithm;
    EVP_MAC_CTX* keyed = nullptr; ///< never used itself: each hash has a copy, so that threads do not meet
};

Pseudonymiser::Pseudonymiser(std::string_view key) : Pseudonymiser([key = std::string(key)] { return key; }) {}
Pseudonymiser::Pseudonymiser(std::function<std::string()> key) : read_key_(std::move(key)) {}
Pseudonymiser::~Pseudonymiser() = default;

void Pseudonymiser::prepare() const {
    std::call_once(once_, [this] {
        std::string key = read_key_();
        mac_ = std::make_unique<Mac>(key);
        OPENSSL_cleanse(key.data(), key.size());
    });
}

std::string Pseudonymiser::hash(std::string_view kind, std::string_view text, size_t digits) const {
    prepare();
    const std::unique_ptr<EVP_MAC_CTX, void (*)(EVP_MAC_CTX*)> mac(EVP_MAC_CTX_dup(mac_->keyed), EVP_MAC_CTX_free);
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    size_t size = 0;
    const auto feed = [&](std::string_view s) {
        return EVP_MAC_update(mac.get(), reinterpret_cast<const unsigned char*>(s.data()), s.size()) == 1;
    };
    if (!mac || !feed(kind) || !feed(":") || !feed(text) ||
        EVP_MAC_final(mac.get(), out.data(), &size, out.size()) != 1)
        throw Error(ErrorKind::library, "A keyed hash could not be made.", "EVP_MAC_final(HMAC, SHA256)");
    return hex_of(out.data(), size).substr(0, digits);
}

std::string Pseudonymiser::id(std::string_view kind, std::string_view text) const {
    return hash(kind, text, kind == "device" ? 16 : 32);
}

std::unique_ptr<Pseudonymiser> Pseudonymiser::passing() {
    // Not before it is needed: libcrypto's start alone takes 2 MB.
    return std::make_unique<Pseudonymiser>(std::function<std::string()>(random_hex));
}

std::string read_or_make_key(const std::string& file) {
    if (access(file.c_str(), F_OK) != 0 && errno == ENOENT) make_key(file);
    const File in{open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct stat info {};
    if (in.fd < 0 || fstat(in.fd, &info) != 0) throw unreadable(file, "open");
    if (!S_ISREG(info.st_mode)) throw error(Msg::key_unusable, {file, "it is not a file"});
    if ((info.st_mode & 077) != 0) throw error(Msg::key_unusable, {file, "others may read it; give it the mode 0600"});
    std::array<char, 256> buffer{};
    const ssize_t got = read(in.fd, buffer.data(), buffer.size());
    if (got < 0) throw unreadable(file, "read");
    const std::string_view key = trim({buffer.data(), static_cast<size_t>(got)});
    if (!is_hex(key, 2 * key_bytes)) throw error(Msg::key_unusable, {file, "it does not hold 64 hexadecimal digits"});
    std::string out = ascii_lower(key);
    OPENSSL_cleanse(buffer.data(), buffer.size());
    return out;
}

} // namespace onair::track
