// FullDisk: a disk that is full when a test says so, below SQLite: from then on no file grows. Replaces
// SQLite's default VFS for the life of the object, so it is made before any database is opened. Test only.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <cstring>

namespace sluice::controlplane {

class FullDisk {
 public:
  FullDisk() {
    real() = sqlite3_vfs_find(nullptr);
    vfs_ = *real();
    vfs_.zName = "full-disk";
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real()->szOsFile;
    vfs_.xOpen = &Open;
    sqlite3_vfs_register(&vfs_, /*makeDflt=*/1);
  }
  ~FullDisk() {
    sqlite3_vfs_unregister(&vfs_);
    full() = false;
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

  void Fill() { full() = true; }
  void MakeRoom() { full() = false; }

 private:
  struct File {
    sqlite3_file base;
    sqlite3_io_methods methods;
    sqlite3_file* inner() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  static std::atomic<bool>& full() {
    static std::atomic<bool> value = false;
    return value;
  }
  static sqlite3_vfs*& real() {
    static sqlite3_vfs* value = nullptr;
    return value;
  }
  static File* Of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }

  static int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
    File* self = Of(file);
    self->base.pMethods = nullptr;
    std::memset(self->inner(), 0, static_cast<size_t>(real()->szOsFile));
    const int result = real()->xOpen(real(), name, self->inner(), flags, out);
    if (self->inner()->pMethods == nullptr) return result;
    self->methods = {
        .iVersion = self->inner()->pMethods->iVersion,
        .xClose = [](sqlite3_file* f) { return Of(f)->inner()->pMethods->xClose(Of(f)->inner()); },
        .xRead = [](sqlite3_file* f, void* to, int n,
                    sqlite3_int64 at) { return Of(f)->inner()->pMethods->xRead(Of(f)->inner(), to, n, at); },
        .xWrite = &Write,
        .xTruncate = [](sqlite3_file* f,
                        sqlite3_int64 n) { return Of(f)->inner()->pMethods->xTruncate(Of(f)->inner(), n); },
        .xSync = [](sqlite3_file* f,
                    int how) { return Of(f)->inner()->pMethods->xSync(Of(f)->inner(), how); },
        .xFileSize = [](sqlite3_file* f,
                        sqlite3_int64* n) { return Of(f)->inner()->pMethods->xFileSize(Of(f)->inner(), n); },
        .xLock = [](sqlite3_file* f,
                    int how) { return Of(f)->inner()->pMethods->xLock(Of(f)->inner(), how); },
        .xUnlock = [](sqlite3_file* f,
                      int how) { return Of(f)->inner()->pMethods->xUnlock(Of(f)->inner(), how); },
        .xCheckReservedLock =
            [](sqlite3_file* f, int* out_lock) {
              return Of(f)->inner()->pMethods->xCheckReservedLock(Of(f)->inner(), out_lock);
            },
        .xFileControl =
            [](sqlite3_file* f, int op, void* argument) {
              return Of(f)->inner()->pMethods->xFileControl(Of(f)->inner(), op, argument);
            },
        .xSectorSize = [](sqlite3_file* f) { return Of(f)->inner()->pMethods->xSectorSize(Of(f)->inner()); },
        .xDeviceCharacteristics =
            [](sqlite3_file* f) { return Of(f)->inner()->pMethods->xDeviceCharacteristics(Of(f)->inner()); },
        .xShmMap =
            [](sqlite3_file* f, int page, int size, int extend, void volatile** to) {
              return Of(f)->inner()->pMethods->xShmMap(Of(f)->inner(), page, size, extend, to);
            },
        .xShmLock =
            [](sqlite3_file* f, int offset, int n, int how) {
              return Of(f)->inner()->pMethods->xShmLock(Of(f)->inner(), offset, n, how);
            },
        .xShmBarrier = [](sqlite3_file* f) { Of(f)->inner()->pMethods->xShmBarrier(Of(f)->inner()); },
        .xShmUnmap = [](sqlite3_file* f,
                        int remove) { return Of(f)->inner()->pMethods->xShmUnmap(Of(f)->inner(), remove); },
        .xFetch = [](sqlite3_file* f, sqlite3_int64 at, int n,
                     void** to) { return Of(f)->inner()->pMethods->xFetch(Of(f)->inner(), at, n, to); },
        .xUnfetch = [](sqlite3_file* f, sqlite3_int64 at,
                       void* page) { return Of(f)->inner()->pMethods->xUnfetch(Of(f)->inner(), at, page); }};
    self->base.pMethods = &self->methods;
    return result;
  }

  static int Write(sqlite3_file* file, const void* from, int n, sqlite3_int64 at) {
    sqlite3_file* inner = Of(file)->inner();
    sqlite3_int64 size = 0;
    if (full() && inner->pMethods->xFileSize(inner, &size) == SQLITE_OK && at + n > size) return SQLITE_FULL;
    return inner->pMethods->xWrite(inner, from, n, at);
  }

  sqlite3_vfs vfs_;
};

}  // namespace sluice::controlplane
