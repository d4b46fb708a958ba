//! SQLite's side: its own files, with a [`Cached`] between.
//!
//! A copy of SQLite's default VFS opens the real files. Of a file's methods those that move bytes are replaced; locks
//! and shared memory stay. All of it goes through one lock, so that a cut falls between two calls.
#![expect(unsafe_code, reason = "SQLite calls through a table of C functions, and hands out pointers")]

use std::{
    collections::HashMap,
    ffi::{CStr, OsStr, c_char, c_int, c_void},
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    ptr, slice,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use rusqlite::ffi::{
    SQLITE_ACCESS_EXISTS, SQLITE_CANTOPEN, SQLITE_FULL, SQLITE_IOERR_READ, SQLITE_IOERR_SHORT_READ, SQLITE_OK,
    sqlite3_file, sqlite3_filename, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs, sqlite3_vfs_find,
    sqlite3_vfs_register,
};

use crate::{
    Settings,
    disk::{Cached, Platter},
};

static DISK: OnceLock<Mutex<Disk>> = OnceLock::new();

/// Files of this process.
struct Disk {
    settings: Settings,
    rng: fastrand::Rng,
    /// Files that are open, or not flushed.
    files: HashMap<PathBuf, Cached>,
    /// Open files, by the address of SQLite's own record of each.
    handles: HashMap<usize, Handle>,
    /// SQLite's VFS.
    base: BasePtr,
}

/// Pointer to SQLite's default VFS, which lives as long as the process and is never changed.
#[derive(Clone, Copy)]
struct BasePtr(*mut sqlite3_vfs);

// SAFETY: SQLite's default VFS may be used from every thread.
unsafe impl Send for BasePtr {}

#[derive(Clone)]
struct Handle {
    path: PathBuf,
    methods: &'static sqlite3_io_methods,
}

pub(crate) fn install(settings: Settings) {
    DISK.get_or_init(|| {
        // SAFETY: with a null name SQLite initialises itself and gives its default VFS, or null.
        let base = unsafe { sqlite3_vfs_find(ptr::null()) };
        assert!(!base.is_null(), "SQLite has a VFS here");
        // SAFETY: `base` points to a VFS that nobody changes. Of the copy only the functions below are its own; the
        // others look at no field but those that are copied.
        let mut vfs = unsafe { *base };
        vfs.pNext = ptr::null_mut();
        vfs.zName = c"powercut".as_ptr();
        vfs.xOpen = Some(open);
        vfs.xDelete = Some(delete);
        vfs.xAccess = Some(access);
        // SAFETY: the VFS is never freed.
        let registered = unsafe { sqlite3_vfs_register(Box::leak(Box::new(vfs)), 1) };
        assert_eq!(registered, SQLITE_OK);
        let rng = fastrand::Rng::with_seed(settings.seed);
        let base = BasePtr(base);
        Mutex::new(Disk { settings, rng, files: HashMap::new(), handles: HashMap::new(), base })
    });
}

/// Looks at the files while nothing happens to them; `is_entered` says whether the folder on the disk names one.
pub(crate) fn still<T>(look: impl FnOnce(&dyn Fn(&Path) -> bool) -> T) -> T {
    match DISK.get() {
        None => look(&|_| true),
        Some(disk) => {
            let disk = disk.lock().unwrap_or_else(PoisonError::into_inner);
            look(&|path| disk.files.get(path).is_none_or(|file| file.is_entered))
        }
    }
}

fn disk() -> MutexGuard<'static, Disk> {
    let disk = DISK.get().expect("SQLite calls what was installed");
    disk.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Disk {
    fn is_full(&self) -> bool {
        self.settings.full_while.as_ref().is_some_and(|path| path.exists())
    }

    /// Works on the file behind a handle, and on what the real disk has of it.
    fn on<T>(
        &mut self,
        file: *mut sqlite3_file,
        work: impl FnOnce(&mut Cached, &mut Real, &mut fastrand::Rng) -> T,
    ) -> T {
        let handle = &self.handles[&(file as usize)];
        let cached = self.files.get_mut(&handle.path).expect("an open file is kept");
        work(cached, &mut Real { file, methods: handle.methods }, &mut self.rng)
    }
}

/// The real file, through SQLite's own methods.
struct Real {
    file: *mut sqlite3_file,
    methods: &'static sqlite3_io_methods,
}

impl Real {
    fn read_all(&self) -> Result<Vec<u8>, c_int> {
        let mut size: sqlite3_int64 = 0;
        let file_size = self.methods.xFileSize.expect("every file has a size");
        // SAFETY: the file is open, and these are its own methods.
        check(unsafe { file_size(self.file, &raw mut size) })?;
        let size = c_int::try_from(size).map_err(|_| SQLITE_IOERR_READ)?;
        let mut content = vec![0; usize::try_from(size).map_err(|_| SQLITE_IOERR_READ)?];
        let read = self.methods.xRead.expect("every file can be read");
        if size > 0 {
            // SAFETY: as above; the buffer is as long as it is said to be.
            check(unsafe { read(self.file, content.as_mut_ptr().cast(), size, 0) })?;
        }
        Ok(content)
    }
}

impl Platter for Real {
    type Error = c_int;

    fn write(&mut self, at: usize, bytes: &[u8]) -> Result<(), c_int> {
        let write = self.methods.xWrite.expect("every file can be written");
        let count = c_int::try_from(bytes.len()).expect("a sector is short");
        // SAFETY: the file is open, these are its own methods, and the buffer is as long as it is said to be.
        check(unsafe { write(self.file, bytes.as_ptr().cast(), count, at as sqlite3_int64) })
    }

    fn truncate(&mut self, len: usize) -> Result<(), c_int> {
        let truncate = self.methods.xTruncate.expect("every file can be cut");
        // SAFETY: the file is open, and these are its own methods.
        check(unsafe { truncate(self.file, len as sqlite3_int64) })
    }
}

fn check(code: c_int) -> Result<(), c_int> {
    if code == SQLITE_OK { Ok(()) } else { Err(code) }
}

fn code(result: Result<(), c_int>) -> c_int {
    result.err().unwrap_or(SQLITE_OK)
}

/// Path that SQLite names.
///
/// # Safety
/// `name` has to be a string of C.
unsafe fn path_of(name: *const c_char) -> PathBuf {
    // SAFETY: the caller's promise.
    let name = unsafe { CStr::from_ptr(name) };
    PathBuf::from(OsStr::from_bytes(name.to_bytes()))
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let mut disk = disk();
    let is_temporary = name.is_null();
    // SAFETY: a name that is not null is a string of C.
    let path = if is_temporary { PathBuf::new() } else { unsafe { path_of(name) } };
    let was_there = path.exists();
    let base = disk.base.0;
    // SAFETY: SQLite's own VFS is called as SQLite would have called it. `file` has room for its record: the size of
    // that was copied.
    let opened = unsafe { (*base).xOpen.expect("files can be opened")(base, name, file, flags, out_flags) };
    if opened != SQLITE_OK || is_temporary {
        return opened;
    }
    // SAFETY: the file was opened, so its first field points to its methods, which are never freed.
    let methods: &'static sqlite3_io_methods = unsafe { &*(*file).pMethods };
    let real = Real { file, methods };
    let cached = match disk.files.remove(&path) {
        Some(cached) => cached,
        None => match real.read_all() {
            Ok(content) => Cached::new(content, was_there),
            Err(_) => {
                // SAFETY: it was opened, and is given up.
                unsafe { methods.xClose.expect("files can be closed")(file) };
                return SQLITE_CANTOPEN;
            }
        },
    };
    disk.files.entry(path.clone()).insert_entry(cached).get_mut().users += 1;
    disk.handles.insert(file as usize, Handle { path, methods });
    let ours = sqlite3_io_methods {
        // The third version maps files into memory, past this layer.
        iVersion: methods.iVersion.min(2),
        xClose: Some(close),
        xRead: Some(read),
        xWrite: Some(write),
        xTruncate: Some(truncate),
        xSync: Some(sync),
        xFileSize: Some(file_size),
        ..*methods
    };
    // SAFETY: `file` is open. The table is not freed while it is: it never is, for the few files of a test.
    unsafe { (*file).pMethods = Box::leak(Box::new(ours)) };
    SQLITE_OK
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    let mut disk = disk();
    // SAFETY: SQLite passes a string of C.
    disk.files.remove(&unsafe { path_of(name) });
    let base = disk.base.0;
    // SAFETY: as SQLite would have called it.
    unsafe { (*base).xDelete.expect("files can be removed")(base, name, sync_folder) }
}

unsafe extern "C" fn access(_: *mut sqlite3_vfs, name: *const c_char, flags: c_int, result: *mut c_int) -> c_int {
    let disk = disk();
    // SAFETY: SQLite passes a string of C.
    let cached = disk.files.get(&unsafe { path_of(name) });
    if let (Some(file), SQLITE_ACCESS_EXISTS) = (cached, flags) {
        // An empty journal or WAL counts as none.
        // SAFETY: SQLite passes a place for the result.
        unsafe { *result = c_int::from(file.len() > 0) };
        return SQLITE_OK;
    }
    let base = disk.base.0;
    // SAFETY: as SQLite would have called it.
    unsafe { (*base).xAccess.expect("files can be looked for")(base, name, flags, result) }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let mut disk = disk();
    let handle = disk.handles.remove(&(file as usize)).expect("an open file is known");
    if let Some(cached) = disk.files.get_mut(&handle.path) {
        cached.users -= 1;
        if cached.users == 0 && cached.is_flushed() {
            disk.files.remove(&handle.path);
        }
    }
    // SAFETY: it was opened by these methods.
    unsafe {
        (*file).pMethods = handle.methods;
        handle.methods.xClose.expect("files can be closed")(file)
    }
}

unsafe extern "C" fn read(file: *mut sqlite3_file, buffer: *mut c_void, count: c_int, at: sqlite3_int64) -> c_int {
    let Ok(count) = usize::try_from(count) else { return SQLITE_IOERR_READ };
    let Ok(at) = usize::try_from(at) else { return SQLITE_IOERR_READ };
    // SAFETY: SQLite passes a buffer of so many bytes.
    let buffer = unsafe { slice::from_raw_parts_mut(buffer.cast::<u8>(), count) };
    let there = disk().on(file, |cached, _, _| cached.read(at, buffer));
    if there == count { SQLITE_OK } else { SQLITE_IOERR_SHORT_READ }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, bytes: *const c_void, count: c_int, at: sqlite3_int64) -> c_int {
    let Ok(count) = usize::try_from(count) else { return SQLITE_FULL };
    let Ok(at) = usize::try_from(at) else { return SQLITE_FULL };
    // SAFETY: SQLite passes a buffer of so many bytes.
    let bytes = unsafe { slice::from_raw_parts(bytes.cast::<u8>(), count) };
    let mut disk = disk();
    if disk.is_full() {
        return SQLITE_FULL;
    }
    let leaks = disk.settings.leaks;
    code(disk.on(file, |cached, real, rng| {
        cached.write(at, bytes);
        if rng.f64() < leaks { cached.leak(rng, real) } else { Ok(()) }
    }))
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, len: sqlite3_int64) -> c_int {
    let Ok(len) = usize::try_from(len) else { return SQLITE_FULL };
    disk().on(file, |cached, _, _| cached.truncate(len));
    SQLITE_OK
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _: c_int) -> c_int {
    // The real file stands for the disk, so nothing is flushed beyond it: only the power of a model is cut.
    code(disk().on(file, |cached, real, _| cached.flush(real)))
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut sqlite3_int64) -> c_int {
    let len = disk().on(file, |cached, _, _| cached.len());
    // SAFETY: SQLite passes a place for the result.
    unsafe { *size = len as sqlite3_int64 };
    SQLITE_OK
}
